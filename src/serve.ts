import 'reflect-metadata';
import { configSlices } from './app.config.js';
import { loadConfigOrExit } from './platform/config/load-config-or-exit.js';
import { HttpConfig } from './platform/http/http.config.js';
import { isPrimary, runPrimary } from './platform/processes/primary.js';
import { WebConfig } from './platform/processes/web.config.js';

const config = loadConfigOrExit(configSlices);

try {
  if (isPrimary(config.get(WebConfig))) await runPrimary(config);
  await serve();
} catch (error) {
  console.error('Minnow could not start:', error);
  process.exit(1);
}

/** What it takes to serve is loaded here, because the primary of several processes has no use for it. */
async function serve(): Promise<void> {
  const [{ AppModule }, { createApp }, { stopOnSignals }, crew] = await Promise.all([
    import('./app.module.js'),
    import('./platform/http/create-app.js'),
    import('./platform/lifecycle/stop-on-signals.js'),
    import('./platform/processes/membership.js'),
  ]);
  const http = config.get(HttpConfig);
  crew.joinCrew();
  const app = await createApp(AppModule.register(config), http);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preClose', async () => crew.reportShut());
  stopOnSignals(app, http);
  await app.listen(http.port, http.host);
  crew.reportServing();
}
