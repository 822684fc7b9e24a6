import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** As much of JSON Schema as our routes use. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** One route as the committed OpenAPI document tells it. */
export interface Operation {
  readonly method: string;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly isPublic: boolean;
  /** What the role of a member of staff has to allow; absent on the routes of shoppers. */
  readonly permission?: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Schema;
  /** `POST /api/v1/orders/{id}/cancel` */
  toString(): string;
}

interface DocumentOperation {
  readonly security?: readonly unknown[];
  readonly 'x-permission'?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
}

/** Every route of docs/openapi.json, so that what is tested follows what is served. */
export function operations(): readonly Operation[] {
  const file = resolve(import.meta.dirname, '../../docs/openapi.json');
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, told]) => toOperation(method.toUpperCase(), path, told)),
  );
}

function toOperation(method: string, path: string, told: DocumentOperation): Operation {
  return {
    method,
    path,
    isPublic: told.security?.length === 0,
    permission: told['x-permission'],
    parameters: told.parameters ?? [],
    body: told.requestBody?.content['application/json']?.schema,
    toString: () => `${method} ${path}`,
  };
}

export function parametersIn({ parameters }: Operation, place: Parameter['in']): readonly Parameter[] {
  return parameters.filter(parameter => parameter.in === place);
}

/** The path with every parameter replaced by what `valueOf` gives, percent-encoded unless it says otherwise. */
export function fillPath(path: string, valueOf: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(name));
}
