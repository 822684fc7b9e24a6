import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  'x-public'?: boolean;
  'x-permission'?: string;
};

interface Answer {
  description: string;
  headers?: Record<string, { description: string; schema: { type: 'string'; enum?: string[] } }>;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** `CatalogController.listProducts` → `catalog.listProducts`: unique, and a good method name for generated clients. */
export function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}.${method}`;
}

/** `catalog.listProducts` → `List products`, and `order.cancel` → `Cancel order`: what the names say already. */
export function summaryOf(id: string): string {
  const [controller = '', method = ''] = id.split('.').map(inWords);
  const sentence = method.includes(' ') || method === controller ? method : `${method} ${controller}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const inWords = (name: string): string => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);

/** Adds what holds for every route and so stands on none: who may call it, and the problem it answers when it cannot. */
export function complete(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths)) {
    for (const method of methods) if (item[method]) completeOperation(item[method]);
  }
  dropEmpty(document);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problem },
  };
  return document;
}

/** What the generator of documents leaves behind where nobody said anything. */
function dropEmpty(document: OpenAPIObject): void {
  if (Object.keys(document.info.contact ?? {}).length === 0) delete document.info.contact;
  if (document.tags?.length === 0) delete document.tags;
}

function completeOperation(operation: Operation): void {
  operation.summary ||= summaryOf(operation.operationId ?? '');
  for (const answer of answersOf(operation)) {
    answer.description ||= operation.summary;
    const headers = headersOf(operation);
    if (Object.keys(headers).length > 0) answer.headers = { ...answer.headers, ...headers };
  }
  operation.security = securityOf(operation);
  delete operation['x-public'];
  operation.responses['default'] = {
    description: 'a problem (RFC 9457); `code` is stable',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** The successes with what they carry. */
function answersOf({ responses }: Operation): readonly Answer[] {
  return Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => answer as Answer);
}

/** What the decorators promise beside the body: `@Cached` answers 304 too, a stored answer says that it is one. */
function headersOf({ responses, parameters = [] }: Operation): NonNullable<Answer['headers']> {
  const isKeyed = parameters.some(it => 'name' in it && it.name === 'Idempotency-Key');
  return {
    ...('304' in responses ? { ETag: etag, 'Cache-Control': cacheControl } : {}),
    ...(isKeyed ? { 'Idempotency-Replayed': replayed } : {}),
  };
}

const etag = { description: 'for `If-None-Match`', schema: { type: 'string' as const } };
const cacheControl = { description: 'how long to keep it', schema: { type: 'string' as const } };
const replayed = {
  description: 'there when this is the first answer to the same key again',
  schema: { type: 'string' as const, enum: ['true'] },
};

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
