import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { poll } from '../concurrency/poll.js';
import { DatabaseConfig } from '../database/database.config.js';
import { isOutOfConnections } from '../database/database-error.js';
import { Transactor } from '../database/transactor.js';
import { PeriodicTasks } from '../queue/periodic-tasks.js';
import {
  IdempotencyInProgress,
  IdempotencyKeyInvalid,
  IdempotencyKeyRequired,
  IdempotencyKeyReused,
} from './idempotency.errors.js';
import { IdempotencyRepository, type Claim } from './idempotency.repository.js';

/** An answer kept byte for byte. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
}

export interface IdempotentAnswer extends StoredAnswer {
  /** True when the answer is that of an earlier request with the same key. */
  readonly replayed: boolean;
}

/** Runs in the transaction of its key, and says what it is answered with. */
export type Effect = () => Promise<StoredAnswer>;

/** An effect whose answer is known before it: the claim stores it, so that nothing has to be stored afterwards. */
export interface ForetoldEffect {
  readonly answer: StoredAnswer;
  run(): Promise<void>;
}

export interface IdempotentRequest {
  readonly ownerId: string;
  /** Without one the effect simply runs, and nothing is kept. Routes that need one call `requireIdempotencyKey`. */
  readonly key: string | undefined;
  /** Method, route and body as the client meant them: what must be the same for a replay. */
  readonly fingerprint: readonly unknown[];
}

const keyPattern = /^[\x21-\x7e]{1,64}$/;
/** How long a twin that has spent a single-use code elsewhere may take to commit. */
const twinWaitMs = 1_000;
const keptForMs = 24 * 3_600_000;

/** Checks the header; throws 400 `idempotency.key_required` or `idempotency.key_invalid`. */
export function requireIdempotencyKey(header: string | undefined): string {
  if (header === undefined || header === '') throw new IdempotencyKeyRequired();
  if (!keyPattern.test(header)) throw new IdempotencyKeyInvalid();
  return header;
}

/** One key, one effect, one answer: key, effect and answer commit together or not at all. */
@Injectable()
export class Idempotency implements OnModuleInit {
  constructor(
    private readonly transactor: Transactor,
    private readonly repository: IdempotencyRepository,
    private readonly tasks: PeriodicTasks,
    private readonly config: DatabaseConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.retain('idempotency-retention', limit => this.repository.deleteExpired(limit));
  }

  /**
   * The whole way of a request with a key. `prepare` checks and calls others, outside any transaction; the effect it
   * returns runs in one transaction with its key. An earlier answer comes before any complaint: a retry must get its
   * order even if the last unit is gone by now, perhaps into this very order. It is looked for when something fails or
   * the key is found used, and not first: few requests are retries, and all would pay for the look. A second request
   * with the key waits for the first, without a connection, and gets its answer; after `database.lockTimeout` it gets
   * 409 `idempotency.in_progress`. A failed effect leaves no key.
   * @throws what `prepare` and the effect throw; IdempotencyKeyReused when the key belongs to another request
   */
  async execute(
    request: IdempotentRequest,
    prepare: () => Promise<Effect | ForetoldEffect>,
    mayBeTwins: (error: unknown) => boolean = () => false,
  ): Promise<IdempotentAnswer> {
    try {
      return await this.run(request, await prepare());
    } catch (error) {
      if (isOutOfConnections(error)) throw error;
      // The same request, earlier or at the same time, may have taken what is missing here, or be about to.
      const earlier = await poll(() => this.find(request), mayBeTwins(error) ? twinWaitMs : 0);
      if (earlier) return earlier;
      throw error;
    }
  }

  /** For who must not even prepare a second time. @throws IdempotencyKeyReused */
  async find({ ownerId, key, fingerprint }: IdempotentRequest): Promise<IdempotentAnswer | null> {
    if (key === undefined) return null;
    const used = await this.repository.find(ownerId, requireIdempotencyKey(key));
    return used && replay(used, hash(fingerprint));
  }

  /** As `execute`, for an effect that needs nothing prepared. */
  async run(
    { ownerId, key, fingerprint }: IdempotentRequest,
    effect: Effect | ForetoldEffect,
  ): Promise<IdempotentAnswer> {
    if (key === undefined) return this.transactor.run(() => take(effect));
    const claim = { ownerId, key: requireIdempotencyKey(key), fingerprint: hash(fingerprint) };
    const answer = await poll(() => this.once(claim, effect), this.config.lockTimeout);
    if (!answer) throw new IdempotencyInProgress();
    return answer;
  }

  /** Null while another request with this key is under way. */
  private once(claim: Claim, effect: Effect | ForetoldEffect): Promise<IdempotentAnswer | null> {
    const { ownerId, key, fingerprint } = claim;
    const foretold = typeof effect === 'function' ? undefined : effect.answer;
    return this.transactor.run(async () => {
      if (!(await this.repository.claim(claim, keptForMs, foretold))) {
        const used = await this.repository.find(ownerId, key);
        return used && replay(used, fingerprint);
      }
      const answer = await take(effect);
      if (!foretold) await this.repository.store(claim, answer);
      return answer;
    });
  }
}

interface UsedKey extends StoredAnswer {
  readonly fingerprint: Buffer;
}

async function take(effect: Effect | ForetoldEffect): Promise<IdempotentAnswer> {
  if (typeof effect === 'function') return { ...(await effect()), replayed: false };
  await effect.run();
  return { ...effect.answer, replayed: false };
}

function replay(used: UsedKey, fingerprint: Buffer): IdempotentAnswer {
  if (!used.fingerprint.equals(fingerprint)) throw new IdempotencyKeyReused();
  return { status: used.status, body: used.body, replayed: true };
}

function hash(parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
