import { Injectable } from '@nestjs/common';
import { createSigner, createVerifier, TokenError } from 'fast-jwt';
import { isId } from '../../../kernel/id.js';
import type { Caller } from '../../../platform/http/caller.js';
import { AuthConfig } from '../auth.config.js';
import { TokenInvalid } from '../identity.errors.js';
import { VerifiedTokens } from './verified-tokens.js';

const algorithm = 'HS256';
const issuer = 'minnow';
const audience = 'minnow-shopper';

const bearer = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

interface Claims {
  readonly sub: unknown;
  readonly sid: unknown;
  /** Epoch seconds; `fast-jwt` has seen to it that it is there. */
  readonly exp: number;
}

/** Access tokens: JWT (RFC 7519) with the algorithm, issuer and audience pinned (RFC 8725). About 10 µs to verify, once. */
@Injectable()
export class AccessTokenSigner {
  private readonly signToken: (claims: object) => string;
  private readonly verifyToken: (token: string) => Claims;

  constructor(
    { jwtSecret: key, accessTokenTtl }: AuthConfig,
    private readonly verified: VerifiedTokens,
  ) {
    this.signToken = createSigner({ key, algorithm, iss: issuer, aud: audience, expiresIn: accessTokenTtl });
    this.verifyToken = createVerifier({
      key,
      algorithms: [algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['sub', 'sid', 'exp'],
      clockTolerance: 0,
    });
  }

  sign({ userId, sessionId }: Caller): string {
    return this.signToken({ sub: userId, sid: sessionId });
  }

  /**
   * Whom an `Authorization` header speaks for.
   * @throws TokenInvalid for anything that this shop has not signed, and for what has expired
   */
  verify(authorization: string): Caller {
    return this.verified.get(authorization) ?? this.verifyAnew(authorization);
  }

  private verifyAnew(authorization: string): Caller {
    const { sub, sid, exp } = this.claims(tokenIn(authorization));
    if (!isIdClaim(sub) || !isIdClaim(sid)) throw new TokenInvalid('claims of another kind');
    const caller = { userId: sub, sessionId: sid };
    this.verified.set(authorization, caller, exp * 1_000);
    return caller;
  }

  private claims(token: string): Claims {
    try {
      return this.verifyToken(token);
    } catch (error) {
      throw new TokenInvalid(error instanceof TokenError ? error.code : 'malformed');
    }
  }
}

function tokenIn(authorization: string): string {
  const token = bearer.exec(authorization)?.[1];
  if (token === undefined) throw new TokenInvalid('not a bearer token');
  return token;
}

function isIdClaim(claim: unknown): claim is string {
  return typeof claim === 'string' && isId(claim);
}
