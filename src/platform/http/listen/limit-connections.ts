import type { Server } from 'node:net';
import type { HttpConfig } from '../http.config.js';

/**
 * One connection too many is closed at once. One of several processes would hand it back, and once all are full they
 * would hand it round without end.
 */
export function limitConnections(listener: Server, { maxConnections }: HttpConfig): void {
  Object.assign(listener, { maxConnections, dropMaxConnection: true });
}
