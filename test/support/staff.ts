import { randomUUID } from 'node:crypto';
import { newId } from '../../src/kernel/id.ts';
import { hashPassword } from '../../src/modules/admin/credential/password-hash.ts';
import type { Role } from '../../src/modules/admin/permission.ts';
import { StaffTokenSigner } from '../../src/modules/admin/session/staff-token.ts';
import { call, type Answer, type RequestOptions } from './http.ts';
import type { TestApp } from './app.ts';

type Target = Pick<TestApp, 'url' | 'app' | 'database'>;
type Json = Record<string, unknown>;

export const staffPassword = 'correct horse battery';
let passwordHash: Promise<string> | undefined;

/** Somebody who works here, with a session: as `staff:create` and a login leave them, without the quarter seconds. */
export class Staff {
  readonly target: Target;
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly sessionId: string;
  readonly token: string;

  private constructor(target: Target, member: Pick<Staff, 'id' | 'username' | 'role'>) {
    this.target = target;
    this.id = member.id;
    this.username = member.username;
    this.role = member.role;
    this.sessionId = newId();
    const signer = target.app.get(StaffTokenSigner, { strict: false });
    this.token = signer.sign({ staffId: this.id, sessionId: this.sessionId });
  }

  static async hire(target: Target, role: Role): Promise<Staff> {
    const member = { id: newId(), username: `${role}-${randomUUID().slice(0, 8)}`, role };
    await target.database.query(
      'insert into staff (id, username, role, password_hash) values ($1, $2, $3, $4)',
      [member.id, member.username, role, await (passwordHash ??= hashPassword(staffPassword))],
    );
    return new Staff(target, member).openSession();
  }

  /** The same person on another machine. */
  again(): Promise<Staff> {
    return new Staff(this.target, this).openSession();
  }

  private async openSession(): Promise<this> {
    await this.target.database.query(
      `insert into staff_sessions (id, staff_id, expires_at) values ($1, $2, now() + interval '30 minutes')`,
      [this.sessionId, this.id],
    );
    return this;
  }

  get<T = Json>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('GET', path, options);
  }

  post<T = Json>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.send('POST', path, { body, ...options });
  }

  patch<T = Json>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send('PATCH', path, { body });
  }

  put<T = Json>(path: string, body: unknown): Promise<Answer<T>> {
    return this.send('PUT', path, { body });
  }

  /** `path` is below /api/v1/admin. */
  send<T = Json>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return call<T>(method, `${this.target.url}/api/v1/admin${path}`, { token: this.token, ...options });
  }
}

export interface LoginBody {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly staff: { readonly id: string; readonly username: string; readonly role: Role };
}

export function logInStaff(
  { url }: Pick<TestApp, 'url'>,
  username: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<LoginBody>> {
  return call<LoginBody>('POST', `${url}/api/v1/admin/session`, { body: { username, password }, headers });
}

export interface AuditLine {
  readonly staffId: string | null;
  readonly action: string;
  readonly targetId: string;
  readonly permission: string | null;
  readonly before: Json | null;
  readonly after: Json | null;
  readonly ip: string | null;
  readonly requestId: string | null;
}

/** What the log tells of one target, oldest first. */
export async function auditOf(
  { database }: Pick<TestApp, 'database'>,
  targetId: string,
): Promise<AuditLine[]> {
  const { rows } = await database.query<AuditLine>(
    `select staff_id as "staffId", action, target_id as "targetId", permission, before, after, ip,
       request_id as "requestId"
     from audit_log where target_id = $1 order by id`,
    [targetId],
  );
  return rows;
}
