import { BlockList, isIP } from 'node:net';

const inside = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  inside.addSubnet(network, prefix);
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  inside.addSubnet(network, prefix, 'ipv6');
}

/** What forbids an absolute URL as an address in production that others reach over the internet; null if nothing does. */
export function publicUrlFlaw(text: string): string | null {
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'https:') return 'must be https in production';
  return isPublicHost(hostname) ? null : 'must not be a loopback or private host in production';
}

/**
 * False for a URL host that names this machine or a private network (RFC 1918, 4193, 6761). Judges the literal only:
 * a DNS name may still resolve to a private address.
 */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  if (family !== 0) return !inside.check(host, family === 6 ? 'ipv6' : 'ipv4');
  return host !== 'localhost' && !host.endsWith('.localhost');
}
