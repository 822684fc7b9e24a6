import { cacheOff, type LoadScenario } from '../scenario.ts';

const request = 'product-detail';

export const productDetailMiss: LoadScenario = {
  kind: 'load',
  name: 'product-detail-miss',
  title: 'Product detail, cache off, 64 connections, PostgreSQL on the load’s core',
  connections: 64,
  sides: [
    { label: 'minnow', server: 'minnow', request, env: cacheOff },
    { label: 'bare Fastify', server: 'bare-fastify', request },
    { label: 'usual Nest', server: 'usual-nest', request },
  ],
  note: 'bare Fastify verifies no token, validates nothing, logs nothing and counts nothing.',
  expectations: [{ figure: 'requestsPerSecond', of: 'minnow', against: 'bare Fastify', atLeast: 1.5 }],
};
