import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from './auth.config.js';
import { SigningKeys } from './identity.contract.js';

@Injectable()
export class DerivedKeys extends SigningKeys {
  constructor(private readonly config: AuthConfig) {
    super();
  }

  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.config.jwtSecret, '', `minnow ${purpose}`, 32));
  }
}
