import { generateKeyPairSync } from 'node:crypto';
import { selfSignedCertificate } from '../../tools/wechat-sandbox/x509.ts';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 86_400_000;

/** For `localhost`, of today, trusted by nobody who is not told so. */
export function makeCertificate(): Certificate {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const cert = selfSignedCertificate({
    privateKey: key,
    serial: '01',
    commonName: 'localhost',
    notBeforeMs: Date.now() - dayMs,
    notAfterMs: Date.now() + dayMs,
  });
  return { cert, key };
}
