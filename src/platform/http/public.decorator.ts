import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from './documented.js';
import { Unlimited } from './limit/limit.decorator.js';

export const publicKey = 'minnow:public';
/** Tells the OpenAPI document what the guard reads from `publicKey`. */
export const publicExtension = 'x-public';

/** No token needed on this route or controller. A token that is sent is verified all the same. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(publicKey, true), ApiExtension(publicExtension, true));

export const probeKey = 'minnow:probe';

/**
 * Public, and not even looked at by the guard: a balancer that sends some credentials of its own must never be told
 * 401, and a probe must not wait for the database. Not counted either.
 */
export const Probe = (): MethodDecorator =>
  applyDecorators(Public(), Unlimited(), SetMetadata(probeKey, true));
