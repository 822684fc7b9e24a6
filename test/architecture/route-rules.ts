import { RequestMethod, type Type } from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import { z } from 'zod';
import { document } from '../../src/platform/http/documented.ts';
import { probeKey, publicKey } from '../../src/platform/http/public.decorator.ts';
import { permissionKey } from '../../src/platform/http/requires-permission.decorator.ts';

/** One route as its decorators describe it; `path` is as in API.md, without `/api/v1`. */
export interface Route {
  readonly path: string;
  readonly handler: object;
  readonly controller: Type;
  readonly member: string;
}

/** The metadata that Nest, its Fastify adapter and its OpenAPI package leave on classes and methods. */
const keys = {
  path: 'path',
  method: 'method',
  status: '__httpCode__',
  arguments: '__routeArguments__',
  answerSchema: '__fastify_route_schema__',
  documentedAnswers: 'swagger/apiResponse',
  config: '__fastify_route_config__',
  steps: [
    '__guards__',
    '__pipes__',
    '__interceptors__',
    '__exceptionFilters__',
    '__headers__',
    '__redirect__',
  ],
} as const;

const inputs = new Map([
  ['3', '@Body'],
  ['4', '@Query'],
  ['5', '@Param'],
]);

export function routesOf(controller: Type): readonly Route[] {
  document(swagger);
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap(member => {
    const handler = prototype[member]!;
    const method = read<RequestMethod>(keys.method, handler);
    if (method === undefined) return [];
    const parts = [read<string>(keys.path, controller), read<string>(keys.path, handler)];
    const path = `/${parts.join('/')}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    return [{ path: `${RequestMethod[method]} ${path}`, handler, controller, member }];
  });
}

export function isPublic({ handler, controller }: Route): boolean {
  return read<boolean>(publicKey, handler) ?? read<boolean>(publicKey, controller) ?? false;
}

/** Not even looked at by the guard. */
export function isUnguarded({ handler, controller }: Route): boolean {
  return read<boolean>(probeKey, handler) ?? read<boolean>(probeKey, controller) ?? false;
}

/** The limit that the route adds to those of everybody; `none` if nobody counts it. */
export function limitOf({ handler }: Route): string | undefined {
  return read<{ limit?: string }>(keys.config, handler)?.limit;
}

/** Sent without Nest's pipeline, and the same for everybody: nothing may hang on a step that nobody takes. */
export function cachedProblem(route: Route): string | null {
  const { path, handler, controller } = route;
  if (!read<{ cached?: object }>(keys.config, handler)?.cached) return null;
  if (!path.startsWith('GET ')) return `${path} is cached and no read`;
  if (!isPublic(route) || permissionOf(route)) return `${path} is cached and not for everybody`;
  if (read<number>(keys.status, handler) !== 200) return `${path} is cached and answers otherwise than 200`;
  const steps = keys.steps.filter(
    key => read(key, handler) !== undefined || read(key, controller) !== undefined,
  );
  return steps.length === 0 ? null : `${path} is cached and has ${steps.join(', ')}`;
}

/** What a member of staff needs to be allowed; undefined on the routes of everybody else. */
export function permissionOf({ handler }: Route): string | undefined {
  return read<string>(permissionKey, handler);
}

/** The staff's routes are those under /admin, all of them, and no others; only who logs in is nobody yet. */
export function permissionProblem(route: Route, known: ReadonlySet<string>): string | null {
  const permission = permissionOf(route);
  const isForStaff = / \/admin(\/|$)/.test(route.path);
  if (isPublic(route))
    return permission === undefined ? null : `${route.path} is public and asks for ${permission}`;
  if (!isForStaff) return permission === undefined ? null : `${route.path} is for staff and not under /admin`;
  if (permission === undefined) return `${route.path} asks for no permission`;
  return known.has(permission) ? null : `${route.path} asks for ${permission}, which no role has`;
}

/** A success says its status, in OpenAPI too, and what may leave: a schema, or nothing at all (204). */
export function answerProblem({ path, handler }: Route): string | null {
  const status = read<number>(keys.status, handler);
  const whitelist = read<{ response?: Record<number, unknown> }>(keys.answerSchema, handler)?.response;
  const documented = read<Record<number, unknown>>(keys.documentedAnswers, handler);
  if (status === undefined || documented?.[status] === undefined)
    return `${path} does not say what it answers`;
  return status === 204 || whitelist?.[status] ? null : `${path} may answer anything`;
}

/** All input has a schema, refuses what the schema does not name, and has an upper bound. */
export function inputProblems({ path, controller, member }: Route): readonly string[] {
  const given = read<Record<string, { schema?: z.ZodType }>>(keys.arguments, controller, member) ?? {};
  return Object.entries(given).flatMap(([key, { schema }]) => {
    const input = inputs.get(key.split(':')[0]!);
    if (!input) return [];
    if (!schema) return [`${path} takes ${input} without a schema`];
    return schemaProblems(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).map(
      problem => `${path} takes ${input} ${problem}`,
    );
  });
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function schemaProblems(schema: JsonSchema, name = 'itself'): readonly string[] {
  const own = [
    schema.type === 'object' &&
      schema.additionalProperties !== false &&
      `where ${name} accepts unknown fields`,
    schema.type === 'string' && !isShort(schema) && `where ${name} has no maximal length`,
    schema.type === 'array' && schema.maxItems === undefined && `where ${name} has no maximal count`,
  ];
  return [
    ...own.filter(problem => problem !== false),
    ...partsOf(schema, name).flatMap(part => schemaProblems(...part)),
  ];
}

const isShort = ({ maxLength, enum: values, const: value }: JsonSchema): boolean =>
  maxLength !== undefined || values !== undefined || value !== undefined;

function partsOf(schema: JsonSchema, name: string): readonly [JsonSchema, string][] {
  const choices = [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
  const items =
    schema.type === 'array' && typeof schema.items === 'object' ? [schema.items as JsonSchema] : [];
  const fields = Object.entries(schema.properties ?? {}).map(([field, it]): [JsonSchema, string] => [
    it as JsonSchema,
    field,
  ]);
  return [...fields, ...[...choices, ...items].map((part): [JsonSchema, string] => [part, name])];
}

function read<T>(key: string, target: object, member?: string): T | undefined {
  const value: unknown = member ? Reflect.getMetadata(key, target, member) : Reflect.getMetadata(key, target);
  return value as T | undefined;
}
