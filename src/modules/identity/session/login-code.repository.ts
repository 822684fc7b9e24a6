import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { DataCipher } from '../data-cipher.js';

/** A login code that was spent here. `answer` is absent once it may not be given again. */
export interface SpentCode {
  readonly answer?: string;
}

interface SpentRow {
  readonly answerSealed: Buffer;
  readonly replayable: boolean;
}

/** All SQL of spent login codes. Codes are kept as hashes, answers sealed: they hold tokens. */
@Injectable()
export class LoginCodeRepository {
  constructor(
    private readonly transactor: Transactor,
    private readonly cipher: DataCipher,
  ) {}

  async find(codeHash: Buffer, windowMs: number): Promise<SpentCode | null> {
    const [row] = await this.transactor.query<SpentRow>(
      `select c.answer_sealed as "answerSealed",
         c.created_at > now() - $2 * interval '1 millisecond' and exists (
           select 1 from sessions s where s.id = c.session_id and s.revoked_at is null
         ) as replayable
       from login_codes c where c.code_hash = $1`,
      [codeHash, windowMs],
    );
    if (!row) return null;
    return row.replayable ? { answer: this.cipher.open(row.answerSealed, contextOf(codeHash)) } : {};
  }

  async insert(codeHash: Buffer, sessionId: string, answer: string): Promise<void> {
    await this.transactor.execute(
      'insert into login_codes (code_hash, session_id, answer_sealed) values ($1, $2, $3)',
      [codeHash, sessionId, this.cipher.seal(answer, contextOf(codeHash))],
    );
  }

  async deleteOlderThan(ageMs: number, limit: number): Promise<number> {
    return this.transactor.execute(
      `delete from login_codes where code_hash in (
         select code_hash from login_codes where created_at < now() - $1 * interval '1 millisecond' limit $2
         for update skip locked
       )`,
      [ageMs, limit],
    );
  }
}

function contextOf(codeHash: Buffer): string {
  return `login_code ${codeHash.toString('hex')}`;
}
