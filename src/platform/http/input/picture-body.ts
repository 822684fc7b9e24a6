import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiBody, ApiConsumes } from '../documented.js';
import { HttpError } from '../problem/http.errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `@TakesPicture`: the body is a picture's bytes. */
    readonly takesPicture?: boolean;
  }
}

const pictureTypes = ['image/png', 'image/jpeg', 'image/webp'];

/** A route whose body is one picture as it is, at most `http.bodyLimit` of it. Everywhere else pictures are 415. */
export const TakesPicture = (): MethodDecorator =>
  applyDecorators(
    RouteConfig({ takesPicture: true }),
    ApiConsumes(...pictureTypes),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );

/** The bytes, whatever they are: `@PictureBody() bytes: Buffer`. What the client calls them proves nothing. */
export const PictureBody = createParamDecorator((_: unknown, context: ExecutionContext): Buffer => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!Buffer.isBuffer(body)) throw unsupported();
  return body;
});

export function addPictureParser(server: FastifyInstance, bodyLimit: number): void {
  const options = { parseAs: 'buffer', bodyLimit } as const;
  server.addContentTypeParser(pictureTypes, options, (request, body, done) => {
    const isTaken = request.routeOptions.config.takesPicture === true;
    done(isTaken ? null : unsupported(), body);
  });
}

function unsupported(): HttpError {
  return new HttpError('unsupported', 'request.unsupported_media_type', 'a body of another type');
}
