import { Injectable } from '@nestjs/common';
import { newId } from '../../kernel/id.js';
import { isUniqueViolation } from '../../platform/database/database-error.js';
import { Transactor } from '../../platform/database/transactor.js';
import type { WechatSession } from '../../platform/wechat/mini-program/mini-program-client.js';
import { DataCipher } from './data-cipher.js';
import type { Payer } from './identity.contract.js';
import { PhoneTaken } from './identity.errors.js';

export interface User {
  readonly id: string;
  readonly nickname: string | null;
  readonly avatarUrl: string | null;
  /** As `phoneText` writes it. */
  readonly phone: string | null;
  readonly createdAt: Date;
}

export interface ProfileChange {
  readonly nickname?: string | undefined;
  readonly avatarUrl?: string | undefined;
}

type UserRow = Omit<User, 'phone'> & { readonly phoneSealed: Buffer | null };

const columns = `id, nickname, avatar_url as "avatarUrl", phone_sealed as "phoneSealed", created_at as "createdAt"`;

/** All SQL of users. Secrets are sealed and opened here, so nothing above ever holds ciphertext. */
@Injectable()
export class UserRepository {
  constructor(
    private readonly transactor: Transactor,
    private readonly cipher: DataCipher,
  ) {}

  /** Finds or creates the shopper. The session key always becomes the new one: WeChat has forgotten the old. */
  async upsert(appId: string, { openid, sessionKey, unionid }: WechatSession): Promise<User> {
    const sessionKeySealed = this.cipher.seal(sessionKey, `session_key ${appId} ${openid}`);
    const [row] = await this.transactor.query<UserRow>(
      `insert into users as u (id, app_id, openid, unionid, session_key_sealed) values ($1, $2, $3, $4, $5)
       on conflict (app_id, openid) do update
         set session_key_sealed = excluded.session_key_sealed, unionid = coalesce(excluded.unionid, u.unionid)
       returning ${columns}`,
      [newId(), appId, openid, unionid, sessionKeySealed],
    );
    return this.open(row!);
  }

  async get(userId: string): Promise<User> {
    return this.only(userId, `select ${columns} from users where id = $1`, []);
  }

  async change(userId: string, { nickname, avatarUrl }: ProfileChange): Promise<User> {
    return this.only(
      userId,
      `update users set nickname = coalesce($2, nickname), avatar_url = coalesce($3, avatar_url)
       where id = $1 returning ${columns}`,
      [nickname, avatarUrl],
    );
  }

  /**
   * False, and nothing changed, when another phone is bound already and may not be replaced.
   * @throws PhoneTaken
   */
  async setPhone(userId: string, phone: string, mayReplace: boolean): Promise<boolean> {
    const sealed = this.cipher.seal(phone, phoneContext(userId));
    try {
      const changed = await this.transactor.execute(
        `update users set phone_sealed = $2, phone_index = $3
         where id = $1 and (phone_index is null or phone_index = $3 or $4)`,
        [userId, sealed, this.cipher.blindIndex(phone), mayReplace],
      );
      return changed === 1;
    } catch (error) {
      if (isUniqueViolation(error, 'users_phone')) throw new PhoneTaken();
      throw error;
    }
  }

  async getPayer(userId: string): Promise<Payer> {
    const sql = 'select app_id as "appId", openid from users where id = $1';
    const [payer] = await this.transactor.query<Payer>(sql, [userId]);
    if (!payer) throw unknownUser(userId);
    return payer;
  }

  /** Until the transaction ends, nobody else changes what belongs to this user. */
  async lock(userId: string): Promise<void> {
    await this.transactor.query('select 1 from users where id = $1 for no key update', [userId]);
  }

  private async only(userId: string, sql: string, parameters: readonly unknown[]): Promise<User> {
    const [row] = await this.transactor.query<UserRow>(sql, [userId, ...parameters]);
    if (!row) throw unknownUser(userId);
    return this.open(row);
  }

  private open({ phoneSealed, ...user }: UserRow): User {
    return { ...user, phone: phoneSealed && this.cipher.open(phoneSealed, phoneContext(user.id)) };
  }
}

function phoneContext(userId: string): string {
  return `phone ${userId}`;
}

/** User ids come from verified tokens of sessions that cannot outlive their user. */
function unknownUser(userId: string): Error {
  return new Error(`no user ${userId}`);
}
