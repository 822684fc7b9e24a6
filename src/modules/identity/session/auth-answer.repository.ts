import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { DataCipher } from '../data-cipher.js';

/** A request that was answered here. `answer` is absent once it may not be given again. */
export interface AnsweredRequest {
  readonly answer?: string;
}

interface AnswerRow {
  readonly answerSealed: Buffer;
  readonly replayable: boolean;
}

/** All SQL of answers that hold tokens. Requests are kept as hashes, answers sealed. */
@Injectable()
export class AuthAnswerRepository {
  constructor(
    private readonly transactor: Transactor,
    private readonly cipher: DataCipher,
  ) {}

  /** An answer may be given again within the window, while its refresh token is unused and its session goes on. */
  async find(requestHash: Buffer, windowMs: number): Promise<AnsweredRequest | null> {
    const [row] = await this.transactor.query<AnswerRow>(
      `select a.answer_sealed as "answerSealed",
         a.created_at > now() - $2 * interval '1 millisecond' and exists (
           select from refresh_tokens t join sessions s on s.id = t.session_id
           where t.token_hash = a.refresh_token_hash and t.used_at is null and s.revoked_at is null
         ) as replayable
       from auth_answers a where a.request_hash = $1`,
      [requestHash, windowMs],
    );
    if (!row) return null;
    return row.replayable ? { answer: this.cipher.open(row.answerSealed, contextOf(requestHash)) } : {};
  }

  async insert(requestHash: Buffer, refreshTokenHash: Buffer, answer: string): Promise<void> {
    await this.transactor.execute(
      'insert into auth_answers (request_hash, refresh_token_hash, answer_sealed) values ($1, $2, $3)',
      [requestHash, refreshTokenHash, this.cipher.seal(answer, contextOf(requestHash))],
    );
  }

  async deleteOlderThan(ageMs: number, limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from auth_answers where request_hash in (
         select request_hash from auth_answers where created_at < now() - $1 * interval '1 millisecond' limit $2
         for update skip locked
       )`,
      [ageMs, limit],
    );
  }
}

function contextOf(requestHash: Buffer): string {
  return `auth_answer ${requestHash.toString('hex')}`;
}
