import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { register } from 'prom-client';
import { listening } from '../lifecycle/listening.js';
import { MetricsConfig } from '../metrics/metrics.config.js';
import { metricsServer } from '../metrics/metrics-server.js';
import { isMember } from '../processes/membership.js';
import { HttpConfig } from './http.config.js';

/**
 * The operators' listener: its own port, loopback by default, no authentication, never behind the public address. Of
 * several processes the primary has it, and tells what all of them count.
 */
@Injectable()
export class ManagementServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly server: Server;

  constructor(
    private readonly config: HttpConfig,
    metrics: MetricsConfig,
  ) {
    this.server = metricsServer(metrics, () => register.metrics());
  }

  /** The port it really listens on; differs from the configured one when that is 0. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!isMember) await listening(this.server, this.config.managementPort, this.config.managementHost);
  }

  /** Goes after the public listener and its last request, so that the drain can be watched. */
  onApplicationShutdown(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
