import { createHash } from 'node:crypto';

type Headers = Readonly<Record<string, string>>;

/** The answer is data: whatever somebody makes a browser take it for runs nothing, loads nothing and is in no frame. */
const dataOnly = "default-src 'none'; frame-ancestors 'none'";

/**
 * On every answer, also to what is not HTTP; files and pages say otherwise where they need more. Constants, because
 * @fastify/helmet costs three times as much a request and most of its headers are about pages.
 */
export function securityHeaders(publicBaseUrl: string): Headers {
  return {
    'x-content-type-options': 'nosniff',
    'content-security-policy': dataOnly,
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    // Of this host alone: what else the domain serves is not ours to decide.
    ...(publicBaseUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/** For a page of our own, which loads only from here: with inline styles, and the inline scripts that are given. */
export function pagePolicy(...scripts: readonly string[]): string {
  const hashes = scripts.map(text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  const sources = ["'self'", ...hashes].join(' ');
  return `default-src 'self'; script-src ${sources}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'`;
}
