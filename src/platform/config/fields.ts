import { isIP } from 'node:net';
import { z } from 'zod';

/** Field schemas for configuration: every one accepts both a YAML value and the text of an environment variable. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const allowancePattern = /^\s*([1-9]\d{0,8})\s*\/\s*(\S+)\s*$/;
const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * `500ms`, `5s`, `30m`, `2h`, `7d`, or `0`; read as whole milliseconds. Name a `min` wherever 0 is nonsense: a time
 * limit of 0 means "for ever" to some libraries and "at once" to others.
 */
export function duration({ min = '0' }: { readonly min?: string } = {}) {
  return z
    .union([z.string(), z.number()])
    .transform((text, context) => {
      const ms = parseDuration(String(text).trim());
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'must be a duration such as 500ms, 5s, 30m or 2h' });
      return z.NEVER;
    })
    .pipe(z.number().int().min(parseDuration(min)!, `must be at least ${min}`));
}

function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  const match = durationPattern.exec(text);
  return match ? Math.round(Number(match[1]) * unitMs[match[2]!]!) : null;
}

/** `error` instead of zod's own words, where a number is not all that may be said. */
export function int(min: number, max: number, error?: string) {
  return z.coerce.number(error).int(error).min(min, error).max(max, error);
}

export function port() {
  return int(0, 65_535);
}

export function ratio() {
  return z.coerce.number().min(0).max(1);
}

export function flag() {
  return z
    .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
    .transform(value => value === true || value === 'true' || value === '1');
}

export function text() {
  return z.string().min(1);
}

/** An absolute http(s) URL without the trailing slash, so that paths can be appended. */
export function httpUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'must be an absolute http(s) URL' })
    .transform(url => url.replace(/\/+$/, ''));
}

export function connectionUrl(protocol: RegExp, example: string) {
  return z.url({ protocol, error: `must be a URL such as ${example}` });
}

/** A comma-separated list in the environment, a sequence in YAML. */
export function textList() {
  return z
    .union([z.array(z.string()), z.string()])
    .transform(value =>
      (typeof value === 'string' ? value.split(',') : value).map(item => item.trim()).filter(Boolean),
    );
}

/** `key=value,other=value`, values percent-encoded where they hold a comma. */
export function keyValues() {
  return z.string().transform((text, context) => {
    const pairs = text.split(',').map(pair => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(pair));
    if (pairs.every(pair => pair !== null))
      return Object.fromEntries(pairs.map(([, key, value]) => [key!, decodeURIComponent(value!)]));
    context.addIssue({ code: 'custom', message: 'must be pairs such as key=value,other=value' });
    return z.NEVER;
  });
}

/** Addresses and networks, at least one. */
export function networks(error = 'must be addresses such as 10.0.0.1 or 10.0.0.0/8') {
  return textList().refine(list => list.length > 0 && list.every(isNetwork), error);
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** `600/1m`: so many at once, and as many again in that time. */
export function allowance() {
  return z.string().transform((text, context) => {
    const [, units = '', window = ''] = allowancePattern.exec(text) ?? [];
    const windowMs = parseDuration(window);
    if (windowMs) return { units: Number(units), windowMs };
    context.addIssue({ code: 'custom', message: 'must be a number and a duration such as 600/1m' });
    return z.NEVER;
  });
}

/** A secret is masked wherever configuration is shown and never has a default. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), secret: true });
}

/** Random key material: at least `minBytes` bytes of text that is not a phrase somebody typed. */
export function strongSecret(minBytes: number) {
  return secret(
    z
      .string()
      .refine(
        value => Buffer.byteLength(value) >= minBytes,
        `must be at least ${minBytes} bytes; try: openssl rand -base64 48`,
      )
      .refine(value => !looksTyped(value), `${typedFlaw}: openssl rand -base64 48`),
  );
}

export const typedFlaw = 'looks like a default or a typed phrase; use random bytes';

/** Typed by hand: a default, a phrase, a row of neighbours. Random text, also hexadecimal, passes. */
export function looksTyped(value: string): boolean {
  if (value === '') return false;
  const phrase = /change.?me|default|password|example|your.?secret/i.test(value);
  return (
    phrase || new Set(value).size < Math.min(8, value.length / 2) || stepsOfOne(value) > value.length / 2
  );
}

/** How many characters are the next one, or the same, after their neighbour, as in `abcdef123456`. */
function stepsOfOne(value: string): number {
  const codes = Array.from(value, char => char.codePointAt(0)!);
  return codes.filter((code, at) => at > 0 && Math.abs(code - codes[at - 1]!) <= 1).length;
}
