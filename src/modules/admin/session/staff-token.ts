import { Injectable } from '@nestjs/common';
import { createSigner, createVerifier, TokenError } from 'fast-jwt';
import { isId } from '../../../kernel/id.js';
import { SigningKeys } from '../../identity/identity.contract.js';
import { AdminConfig } from '../admin.config.js';
import { StaffTokenInvalid } from '../admin.errors.js';

const algorithm = 'HS256';
const issuer = 'minnow-admin';
const audience = 'minnow-staff';

/** Which session a token stands for; what its owner may do is read from the session, every time. */
export interface StaffClaims {
  readonly staffId: string;
  readonly sessionId: string;
}

/** As shoppers' access tokens, with another key, issuer and audience: neither is ever taken for the other. */
@Injectable()
export class StaffTokenSigner {
  private readonly signToken: (claims: object) => string;
  private readonly verifyToken: (token: string) => { readonly sub: unknown; readonly sid: unknown };

  constructor(keys: SigningKeys, { sessionTtl: expiresIn }: AdminConfig) {
    const key = keys.derive('staff token');
    this.signToken = createSigner({ key, algorithm, iss: issuer, aud: audience, expiresIn });
    this.verifyToken = createVerifier({
      key,
      algorithms: [algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ['sub', 'sid', 'exp'],
      clockTolerance: 0,
    });
  }

  sign({ staffId, sessionId }: StaffClaims): string {
    return this.signToken({ sub: staffId, sid: sessionId });
  }

  /** @throws StaffTokenInvalid for anything that was not signed here, and for what has expired */
  verify(token: string): StaffClaims {
    const { sub, sid } = this.claims(token);
    if (!isIdClaim(sub) || !isIdClaim(sid)) throw new StaffTokenInvalid('claims of another kind');
    return { staffId: sub, sessionId: sid };
  }

  private claims(token: string) {
    try {
      return this.verifyToken(token);
    } catch (error) {
      throw new StaffTokenInvalid(error instanceof TokenError ? error.code : 'malformed');
    }
  }
}

function isIdClaim(claim: unknown): claim is string {
  return typeof claim === 'string' && isId(claim);
}
