import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  'x-public'?: boolean;
  'x-permission'?: string;
};

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** `CatalogController.listProducts` → `catalog.listProducts`: unique, and a good method name for generated clients. */
export function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}.${method}`;
}

/** Adds what holds for every route and so stands on none: who may call it, and the problem it answers when it cannot. */
export function complete(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths)) {
    for (const method of methods) if (item[method]) completeOperation(item[method]);
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problem },
  };
  return document;
}

function completeOperation(operation: Operation): void {
  operation.security = securityOf(operation);
  delete operation['x-public'];
  operation.responses['default'] = {
    description: 'a problem (RFC 9457); `code` is stable',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function securityOf(operation: Operation): Record<string, string[]>[] {
  if (operation['x-public']) return [];
  return [operation['x-permission'] === undefined ? { bearer: [] } : { staff: [] }];
}

const text = { type: 'string' } as const;

const problem = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'code', 'traceId'],
  properties: {
    type: text,
    title: { ...text, description: 'zh-CN, or en by Accept-Language' },
    status: { type: 'integer' as const },
    code: { ...text, description: 'such as order.not_cancellable' },
    detail: text,
    traceId: text,
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['path', 'code', 'message'],
        properties: { path: text, code: text, message: text },
      },
    },
  },
};
