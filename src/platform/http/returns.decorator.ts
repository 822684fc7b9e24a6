import { applyDecorators, Header, HttpCode } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { ApiResponse } from './documented.js';

/**
 * The success answer of a route: its status, its schema in OpenAPI, and the whitelist that serialisation keeps to
 * (undeclared fields never leave). Input is validated by the pipe, after the guards.
 */
export function Returns(status: number, schema: z.ZodType, description = ''): MethodDecorator {
  const serialized = z.toJSONSchema(schema, { target: 'draft-7', io: 'output' });
  return applyDecorators(
    HttpCode(status),
    RouteSchema({ response: { [status]: serialized } }),
    ApiResponse({ status, description, standardSchema: schema }),
  );
}

/** A success without a body. */
export function ReturnsNothing(description = ''): MethodDecorator {
  return applyDecorators(HttpCode(204), ApiResponse({ status: 204, description }));
}

/** One line of plain text, for callers that want exactly that: 200 and the string that the handler returns. */
export function ReturnsText(description = ''): MethodDecorator {
  const schema = { type: 'string' } as const;
  return applyDecorators(
    HttpCode(200),
    Header('content-type', 'text/plain; charset=utf-8'),
    RouteSchema({ response: { 200: schema } }),
    ApiResponse({ status: 200, description, content: { 'text/plain': { schema } } }),
  );
}
