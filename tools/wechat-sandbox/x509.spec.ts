import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCredentials } from './credentials.ts';

describe('the platform certificate', () => {
  const credentials = createCredentials(Date.parse('2026-02-03T04:05:06.789Z'));
  const certificate = new X509Certificate(credentials.certificate);

  it('is a certificate OpenSSL reads, self-signed by its own key', () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(credentials.certificatePrivateKey))).toBe(true);
    expect(certificate.subject).toBe('CN=Minnow WeChat sandbox');
  });

  it('bears the serial and the dates that /v3/certificates tells', () => {
    expect(certificate.serialNumber).toBe(credentials.certificateSerial);
    expect(credentials.certificateSerial).toMatch(/^[0-9A-F]{40}$/);
    expect(Date.parse(certificate.validFrom)).toBe(credentials.certificateFromMs);
    expect(Date.parse(certificate.validTo)).toBe(credentials.certificateUntilMs);
  });
});
