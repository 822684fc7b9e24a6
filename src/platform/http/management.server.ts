import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { register } from 'prom-client';
import { MetricsConfig } from '../metrics/metrics.config.js';
import { HttpConfig } from './http.config.js';

/** The operators' listener: its own port, loopback by default, no authentication, never behind the public address. */
@Injectable()
export class ManagementServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/metrics') return tell(response, 'try /metrics');
    if (!this.metrics.enabled) return tell(response, 'metrics are off (METRICS_ENABLED)');
    register.metrics().then(
      text => response.writeHead(200, { 'content-type': register.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });

  constructor(
    private readonly config: HttpConfig,
    private readonly metrics: MetricsConfig,
  ) {}

  /** The port it really listens on; differs from the configured one when that is 0. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { managementHost, managementPort } = this.config;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(managementPort, managementHost, resolve);
    });
  }

  /** Goes after the public listener and its last request, so that the drain can be watched. */
  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function tell(response: ServerResponse, what: string): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end(`${what}\n`);
}
