/** The running app with its warnings on the terminal. `npm run dev` replaces it; everything around it stays. */
import type { Service, Watch } from '../embedded/child.ts';
import { logFileOf, startApp, untilAnswering } from './app.ts';
import { followLog } from './follow-log.ts';
import { say } from './say.ts';
import type { Settings } from './settings.ts';
import { aborted } from './stop-request.ts';

/** The whole shutdown stays under the five seconds that people and supervisors grant. */
const STOP_MS = 2500;

export class Shop {
  readonly #settings: Settings;
  readonly #env: NodeJS.ProcessEnv;
  readonly #watch: Watch;
  #app: Service | undefined;

  constructor(settings: Settings, env: NodeJS.ProcessEnv, watch: Watch) {
    this.#settings = settings;
    this.#env = env;
    this.#watch = watch;
  }

  /** Resolves once the app answers. @throws Error with the log's tail when it ends instead, or when asked to stop */
  async start(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    const app = await startApp(this.#settings, this.#env, this.#watch);
    this.#app = app;
    const stopShowing = followLog(logFileOf(this.#settings.dataDir), say);
    void app.exited.then(stopShowing);
    await Promise.race([untilAnswering(this.#settings, app), aborted(stop)]);
    stop.throwIfAborted();
  }

  /** Resolves with the reason and the log's tail when the app ends by itself: never after `stop()`. */
  async ended(): Promise<string> {
    const app = this.#app;
    const reason = await app?.exited;
    if (this.#app !== app) return new Promise(() => undefined);
    return `${reason}\n${app?.logTail()}`;
  }

  async stop(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.stop(STOP_MS);
  }
}
