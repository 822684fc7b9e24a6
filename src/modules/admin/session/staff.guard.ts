import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { LoginRequired } from '../../../platform/http/problem/http.errors.js';
import { permissionKey } from '../../../platform/http/requires-permission.decorator.js';
import { Forbidden, StaffTokenInvalid } from '../admin.errors.js';
import { allows } from '../permission.js';
import { originOf, type StaffRequest } from './actor.js';
import { StaffSessionRepository, type StaffSession } from './staff-session.repository.js';
import { StaffTokenSigner } from './staff-token.js';

const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * On every route that `@RequiresPermission()`: a staff token of an active session whose role has the permission. Role
 * and session are read from PostgreSQL on every request, so that a dismissal or another role holds at once everywhere.
 */
@Injectable()
export class StaffGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: StaffTokenSigner,
    private readonly sessions: StaffSessionRepository,
  ) {}

  /** Shoppers pass without as much as a promise. */
  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const permission = this.reflector.get<string | undefined>(permissionKey, execution.getHandler());
    if (permission === undefined) return true;
    return this.admit(execution.switchToHttp().getRequest<StaffRequest>(), permission);
  }

  private async admit(request: StaffRequest, permission: string): Promise<boolean> {
    const session = await this.authenticate(request.headers['authorization']);
    request.context.staffId = session.staffId;
    if (!allows(session.role, permission)) throw new Forbidden({ permission });
    request.actor = { ...session, ...originOf(request), permission };
    return true;
  }

  private async authenticate(authorization: string | undefined): Promise<StaffSession> {
    if (authorization === undefined) throw new LoginRequired();
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) throw new StaffTokenInvalid('not a bearer token');
    const session = await this.sessions.findActive(this.tokens.verify(token));
    if (!session) throw new StaffTokenInvalid('the session has ended');
    return session;
  }
}
