import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Admission, type GuardedRequest } from '../../../platform/http/cached/admission.js';
import type { Caller } from '../../../platform/http/caller.js';
import { LoginRequired } from '../../../platform/http/problem/http.errors.js';
import { probeKey, publicKey } from '../../../platform/http/public.decorator.js';
import { permissionKey } from '../../../platform/http/requires-permission.decorator.js';
import { TokenInvalid } from '../identity.errors.js';
import { AccessTokenSigner } from './access-token.js';
import { SessionService } from './session.service.js';

/**
 * On every route of shoppers: a valid access token of an active session, unless the route is `@Public()`. A token that
 * is sent is verified even there, so that a client learns of its expiry where it is harmless; only a `@Probe()` is not
 * looked at, and a route that `@RequiresPermission()` is left to the guard of the staff.
 * One HMAC a token, and at most one indexed read per session and `auth.sessionCacheTtl`.
 */
@Injectable()
export class AuthGuard extends Admission implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly accessTokens: AccessTokenSigner,
    private readonly sessions: SessionService,
  ) {
    super();
  }

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (this.says(probeKey, execution) || this.isForStaff(execution)) return true;
    const request = execution.switchToHttp().getRequest<GuardedRequest>();
    await this.admit(request);
    if (request.caller || this.says(publicKey, execution)) return true;
    throw new LoginRequired();
  }

  admit(request: GuardedRequest): Promise<void> | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined || request.caller) return undefined;
    const caller = this.accessTokens.verify(authorization);
    const isActive = this.sessions.isActive(caller.sessionId);
    if (typeof isActive === 'boolean') return enter(request, caller, isActive);
    return isActive.then(isActive => enter(request, caller, isActive));
  }

  private isForStaff(execution: ExecutionContext): boolean {
    return this.reflector.get<string | undefined>(permissionKey, execution.getHandler()) !== undefined;
  }

  private says(key: string, execution: ExecutionContext): boolean {
    const targets = [execution.getHandler(), execution.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>(key, targets) === true;
  }
}

function enter(request: GuardedRequest, caller: Caller, isActive: boolean): undefined {
  if (!isActive) throw new TokenInvalid('the session has ended');
  request.caller = caller;
  request.context.userId = caller.userId;
}
