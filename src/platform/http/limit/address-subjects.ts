import { BlockList, isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { networkOf } from './network-of.js';

/** Of whom it is known at once: to look through the networks costs more than to count a request. */
const rememberedAddresses = 4_096;
/** LRUCache holds no null. */
const notCounted = '';

/** Whom a request from an address is counted for. */
export class AddressSubjects {
  private readonly exempted: BlockList;
  private readonly known = new LRUCache<string, string>({ max: rememberedAddresses });

  constructor(exempt: readonly string[]) {
    this.exempted = blockListOf(exempt);
  }

  /** Null for an address that is not counted. What a trusted proxy forwards and is no address is one subject. */
  of(ip: string): string | null {
    const family = isIP(ip);
    if (family === 0) return 'unknown';
    let subject = this.known.get(ip);
    if (subject === undefined) {
      subject = this.exempted.check(ip, family === 4 ? 'ipv4' : 'ipv6') ? notCounted : networkOf(ip);
      this.known.set(ip, subject);
    }
    return subject === notCounted ? null : subject;
  }
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
