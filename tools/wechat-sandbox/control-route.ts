import { json } from './http.ts';
import type { Answer, Route } from './http.ts';

/** What stands in for a person; its surface has nothing of WeChat's. */
export type ControlRoute = Route<Answer | Promise<Answer>>;

export function get(path: string, handle: ControlRoute['handle']): ControlRoute {
  return { method: 'GET', path: `/__sandbox/${path}`, handle };
}

export function post(path: string, handle: ControlRoute['handle']): ControlRoute {
  return { method: 'POST', path: `/__sandbox/${path}`, handle };
}

export function found(value: unknown): Answer {
  return value === undefined ? json(404, { message: 'not found' }) : json(200, value);
}
