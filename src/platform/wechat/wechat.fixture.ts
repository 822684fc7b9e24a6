import { createCipheriv, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Clock } from '../../kernel/clock.js';
import type { Sealed } from './aead.js';
import { newNonce, receivedMessage } from './pay/pay-signature.js';
import { WechatConfig } from './wechat.config.js';
import { WechatMetrics } from './wechat-metrics.js';

/** What the specs of this folder share: a clock, keys, and a server that plays one side of WeChat. */

// The dangers played here are logged as such; in a test report they only hide the failures.
Logger.overrideLogger(false);

export class TestClock extends Clock {
  nowMs = Date.parse('2026-11-22T08:00:00Z');

  now(): Date {
    return new Date(this.nowMs);
  }

  get seconds(): number {
    return Math.floor(this.nowMs / 1000);
  }
}

export const merchantKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const platformKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const publicKeyId = 'PUB_KEY_ID_0114232134912410000000000000';
export const apiV3Key = '0123456789abcdef0123456789abcdef';

export function testConfig(overrides: Partial<WechatConfig> = {}): WechatConfig {
  return new WechatConfig({
    appId: 'wx0123456789abcdef',
    appSecret: 'app-secret',
    apiBaseUrl: 'http://127.0.0.1:1',
    payBaseUrl: 'http://127.0.0.1:1',
    mchId: '1900000001',
    merchantSerial: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
    merchantPrivateKey: merchantKeys.privateKey,
    apiV3Key,
    publicKeyId,
    publicKey: platformKeys.publicKey,
    connectTimeout: 500,
    requestTimeout: 1_000,
    loginTimeout: 1_000,
    billTimeout: 1_000,
    awayFor: 15_000,
    maxInFlight: 10,
    ...overrides,
  });
}

export function testMetrics(duration = testDuration()): WechatMetrics {
  return new WechatMetrics(duration);
}

export function testDuration(): Histogram<'operation' | 'outcome'> {
  return new Histogram({ name: 'spec', help: 'spec', labelNames: ['operation', 'outcome'], registers: [] });
}

/** How often each operation ended in each way, such as `prepay ok`. */
export async function countsOf(duration: Histogram): Promise<Record<string, number>> {
  const { values } = await duration.get();
  const counts = values.filter(({ metricName }) => metricName === 'spec_count');
  return Object.fromEntries(
    counts.map(({ labels, value }) => [`${labels['operation']} ${labels['outcome']}`, value]),
  );
}

export interface StubRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StubAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** `null` leaves the caller without an answer, `cut` closes the connection. */
export type StubHandler = (request: StubRequest) => StubAnswer | 'cut' | null;

export async function startStub(handler: StubHandler) {
  const requests: StubRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const request = { method: incoming.method!, path: incoming.url!, headers: incoming.headers, body };
    requests.push(request);
    const answer = handler(request);
    if (answer === 'cut') incoming.socket.destroy();
    else if (answer) outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}

/** Answers one after the other; the last one again and again. */
export function inTurn(...answers: readonly (StubAnswer | 'cut' | null)[]): () => StubAnswer | 'cut' | null {
  let turn = 0;
  return () => answers[Math.min(turn++, answers.length - 1)]!;
}

/** What a promise rejects with; null when it does not. */
export function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

export function signedHeaders(
  body: string,
  clock: TestClock,
  serial = publicKeyId,
  key = platformKeys.privateKey,
) {
  const timestamp = String(clock.seconds);
  const nonce = newNonce();
  const signature = sign('sha256', receivedMessage(timestamp, nonce, Buffer.from(body)), key).toString(
    'base64',
  );
  return {
    'wechatpay-serial': serial,
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-signature': signature,
  };
}

export function seal(plain: string, aad: string, key = apiV3Key): Sealed {
  const nonce = newNonce().slice(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(aad));
  const bytes = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { algorithm: 'AEAD_AES_256_GCM', nonce, associated_data: aad, ciphertext: bytes.toString('base64') };
}

/** What WeChat puts into `Encrypt` of a push. */
export function sealPush(message: string, encodingAesKey: string, appId: string): string {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(message));
  const plain = Buffer.concat([Buffer.from(newNonce().slice(16)), length, Buffer.from(message + appId)]);
  const count = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(count, count))]).toString('base64');
}

/** A self-signed certificate and its key, made for these specs and used nowhere else. */
export const certificateSerial = '4B3A5C6D7E8F90112233445566778899AABBCCDD';
export const certificatePem = `-----BEGIN CERTIFICATE-----
MIIDATCCAemgAwIBAgIUSzpcbX6PkBEiM0RVZneImaq7zN0wDQYJKoZIhvcNAQEL
BQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjIxMDQxMjhaGA8yMTI2MTAyOTEw
NDEyOFowDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCC
AQoCggEBAJTm15rlIRfkPWNzq16f3hm8pYP9q+CpBIoaY5BKZCSZMzsVYAH834+E
sFcMMJavCRtrRFmUsJF9c5AAWMymcST+s05L6EoUF9imCdpQFIZS+r6DXgNmmOkr
udDOd/JOzJqosyHxPcAtQ9rNBWcnSogAfLUIvfS0hyPFs8rpyhSD3KxBQTfB3Gw9
6aSLkr7895oTwvuBPOXOEuMNH5N2ufMW/vJaoIHZ8t/8pZhrwAfiZZcJLsaAxwkc
Sv5lRpulG9Lu5ZENmKdxiGtPASacSciuBAMBFfBIxrHjt5TMPe674s5o0HfLiaIO
Fg7nH1qIjxC59payve1vuowLD5QoBz0CAwEAAaNTMFEwHQYDVR0OBBYEFCEuc+oA
2RTfUjnQPFCpGk+zGu+mMB8GA1UdIwQYMBaAFCEuc+oA2RTfUjnQPFCpGk+zGu+m
MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAFp43Rwb9/EqD1Dw
ANAkRp4jbbgc8bVIU+zSmryxxhEcYhmrwaQo1+PYsdNwD0foCK42PwrZRdK9wUDZ
yUfeMkFVeJhbPjBBcoEvf54/A4T//cuThLFcWKNcneYJbGwqCD6DNE4PYU6KmPbG
ZX2XPGRnGjUgK1iHcCPgkeQoK47hwvD/Sop0CYZ8d9ALhulMhIY50W4GO9h/mRkR
WPSQNLuNA0y3vpwM7RK+mDBYCnB6kHvSF4cyK/R9N+WxBt6h0EcviTFyrIQ5Z6No
O8i4hcvEKTo7i6ASdfWtWcpAo9OMuJzJ/vTsUN1XQbJjYPLAAXPlUZsEOUJlJWmT
MzVwWmM=
-----END CERTIFICATE-----`;
export const certificateKey: KeyObject = createPrivateKey(`-----BEGIN PRIVATE KEY-----
MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQCU5tea5SEX5D1j
c6ten94ZvKWD/avgqQSKGmOQSmQkmTM7FWAB/N+PhLBXDDCWrwkba0RZlLCRfXOQ
AFjMpnEk/rNOS+hKFBfYpgnaUBSGUvq+g14DZpjpK7nQznfyTsyaqLMh8T3ALUPa
zQVnJ0qIAHy1CL30tIcjxbPK6coUg9ysQUE3wdxsPemki5K+/PeaE8L7gTzlzhLj
DR+TdrnzFv7yWqCB2fLf/KWYa8AH4mWXCS7GgMcJHEr+ZUabpRvS7uWRDZincYhr
TwEmnEnIrgQDARXwSMax47eUzD3uu+LOaNB3y4miDhYO5x9aiI8QufaWsr3tb7qM
Cw+UKAc9AgMBAAECggEACXORU3HAVOvQprpTR3Vr1mPg+LIWdx3wsxMY50eFjZoo
2ZL82LDJqv/f5pftkfRTJmmmZBjvT+jajT/XDcnHLEiQ2UMxtS610x4PnuB5kQt9
gtrD/Ktw63oHoyn74fD1BUsjMGAc9zttpMWMln80uKcZQ1omST0CnUzBtxCkb61U
hctmW6lCwKqQBYHUgBV5h5zXU3M5Kvanaw17jVQAl9WDFeLwgjiZ3nmYbMAzhVox
AicWlrpRUVlb49ek4EtE4kPNRKFYExzTeenSGzvI9gXmQLgbvdbJ6X0Movd2k8LY
wMeuRAqqsr6JMZyTydUwrlSIlPhSbIJltD9UTnHBEQKBgQDRlz+lJiJzl03DRwY9
ulY4RoCjziPgCB8PfN2WjFdBE76a0hUFIJ86wRscp6Pu2HdAufta8nf2iOrSUCKM
lA6evYvGK2E7yWrAmqg35soG+SmwwVgvGynx/Tl7prVsLksPRWTER5n8cTf1CJZ6
+XaCahTyI0cODbosWgwsAMU5DQKBgQC132eksN6uyAFvo7C6NcmGk4xLbpVfO+bR
CWZyp4cmn9xRELS5K6b+JetSHj7YBJl3YJbTWjZMu+gZ9B8aLdDJWYKuIzVqGIqd
FN2I5A1D/I6hq9hE53+Yy49j1RkOxmjdxhZ4hoRzhNA+2iIibvLzVMyKogB524Z2
5hRKjPoa8QKBgQDBzH/+PjfG+FXgRjFALKeC27YhQQAtLHVEBeqDRXt84jvxvmXP
Wu3BD0P5iA1uUdxbDl2cJ+3DGbFADPcVU+X85Dl1YTFEbib2t0rqfc27CvOAzBa1
YAG2D7byXiENSfT/xuO5FpgNM8dRHMLALSFmz55Uk0gld435ar4shf3XlQKBgQCb
tA58PXv3cH1iQWZslN3aG/mxHpQ8+wCJl52grPIUzCmHMWE3YjrOPFJxdDljINTu
EcAuY343RWvYxFnYRL8JkltBkB0LnsUU5CchKfR9bvwBRyiZHQPtIOC6nFaegpiG
vS7BspA0gdDy7jbo+cl/LusKCNWVfa5pnmJizLzWUQKBgQC67lY99WP2hMpcI+HX
/xyLGgFJtWCyhDQyaZWRUjpjElI4ypfw0RmMg5DssrpDWkoHx1akRcL6j++sukOi
TVZHCqZrVf4Q5ClaGpegKCq72OL/neQTMoBWRED7LBxf654hU7uUgBIyzRVkTbE2
oYNEic0jS8ME3gg0IuwZKVAs+w==
-----END PRIVATE KEY-----`);

export function certificatesBody(expireTime = '2030-01-01T00:00:00+08:00', key = apiV3Key): string {
  const encrypt_certificate = seal(certificatePem, 'certificate', key);
  const effective_time = '2025-01-01T00:00:00+08:00';
  const certificate = {
    serial_no: certificateSerial,
    effective_time,
    expire_time: expireTime,
    encrypt_certificate,
  };
  return JSON.stringify({ data: [certificate] });
}
