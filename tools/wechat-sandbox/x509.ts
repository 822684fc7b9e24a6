import { createPublicKey, sign } from 'node:crypto';

interface CertificateOptions {
  readonly privateKey: string;
  /** 40 hex digits, upper case. */
  readonly serial: string;
  readonly commonName: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const TAG = { integer: 0x02, bits: 0x03, null: 0x05, oid: 0x06, utf8: 0x0c, utcTime: 0x17 } as const;
const SEQUENCE = 0x30;
const SET = 0x31;
const EXPLICIT_0 = 0xa0;

const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');

/** A self-signed X.509 v3 certificate (RFC 5280 §4.1) in PEM, RSA with SHA-256, no extensions. */
export function selfSignedCertificate(options: CertificateOptions): string {
  const algorithm = der(SEQUENCE, der(TAG.oid, SHA256_WITH_RSA), der(TAG.null));
  const name = nameOf(options.commonName);
  const spki = createPublicKey(options.privateKey).export({ type: 'spki', format: 'der' });
  const body = der(
    SEQUENCE,
    der(EXPLICIT_0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, positive(Buffer.from(options.serial, 'hex'))),
    algorithm,
    name,
    der(SEQUENCE, utcTime(options.notBeforeMs), utcTime(options.notAfterMs)),
    name,
    spki,
  );
  const signature = der(TAG.bits, Buffer.from([0]), sign('RSA-SHA256', body, options.privateKey));
  return toPem(der(SEQUENCE, body, algorithm, signature));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  if (bytes < 0x100) return Buffer.from([0x81, bytes]);
  return Buffer.from([0x82, bytes >> 8, bytes & 0xff]);
}

/** A leading bit of 1 would make the INTEGER negative. */
function positive(value: Buffer): Buffer {
  return (value[0] ?? 0) < 0x80 ? value : Buffer.concat([Buffer.from([0]), value]);
}

function nameOf(commonName: string): Buffer {
  const attribute = der(SEQUENCE, der(TAG.oid, COMMON_NAME), der(TAG.utf8, Buffer.from(commonName)));
  return der(SEQUENCE, der(SET, attribute));
}

/** UTCTime has two digits for the year: good until 2049. */
function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${digits}Z`));
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
