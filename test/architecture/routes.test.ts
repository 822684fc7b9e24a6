import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Body, Get, Header, HttpCode, Post, Query, UseGuards, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { permissions } from '../../src/modules/admin/permission.ts';
import { StaffGuard } from '../../src/modules/admin/session/staff.guard.ts';
import { AuthGuard } from '../../src/modules/identity/session/auth.guard.ts';
import { Cached } from '../../src/platform/http/cached/cached.decorator.ts';
import { Public } from '../../src/platform/http/public.decorator.ts';
import { RequiresPermission } from '../../src/platform/http/requires-permission.decorator.ts';
import { Returns, ReturnsNothing, ReturnsText } from '../../src/platform/http/returns.decorator.ts';
import { appGraph, classOf } from './app-graph.ts';
import { root } from './commands.ts';
import {
  answerProblem,
  cachedProblem,
  inputProblems,
  isPublic,
  isUnguarded,
  limitOf,
  permissionOf,
  permissionProblem,
  routesOf,
  type Route,
} from './route-rules.ts';

const { controllers, providers } = appGraph();
const routes = controllers.flatMap(routesOf);
/** Steps of every route, which `serveCached` has to take as well. */
const appWide: readonly unknown[] = [APP_GUARD, APP_PIPE, APP_INTERCEPTOR, APP_FILTER];

/** The public interface names these, and no others, as reachable without a token. */
const publicPaths = [
  /^POST \/auth\/(wechat|refresh)$/,
  /^POST \/admin\/session$/,
  /^GET \/home$/,
  /^GET \/categories$/,
  /^GET \/products(\/:id)?$/,
  /^(GET|POST) \/wechat\/.+$/,
  /^GET \/ping$/,
  /^GET \/(livez|readyz|startupz)$/,
];

/**
 * Input that may hold more than its schema names, because WeChat decides what it sends and adds to it. What is not
 * named is dropped before the handler; a table, so that no route becomes tolerant in passing.
 */
const tolerated = [
  'GET /wechat/push takes @Query where itself accepts unknown fields',
  'POST /wechat/push takes @Query where itself accepts unknown fields',
];

/** Probes answer what Terminus reports, outside the API and its document. */
const isProbe = ({ path }: Route): boolean => /^GET \/(livez|readyz|startupz)$/.test(path);

type Decorate = (prototype: object, member: string, descriptor: PropertyDescriptor) => void;

/** A controller with one route, decorated by hand: Node strips types and knows no decorators. */
function routeWith(...decorators: readonly Decorate[]): Route {
  class Sample {
    act(): void {}
  }
  const descriptor = Object.getOwnPropertyDescriptor(Sample.prototype, 'act')!;
  for (const decorate of decorators) decorate(Sample.prototype, 'act', descriptor);
  return routesOf(Sample as Type)[0]!;
}

const argument =
  (decorate: ParameterDecorator): Decorate =>
  (prototype, member) =>
    decorate(prototype, member, 0);

describe('routes', () => {
  it('of every controller that exists are part of the app', () => {
    const written = globSync('src/**/*.controller.ts', { cwd: root }).flatMap(path =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/export class (\w+)/g)].map(([, name]) => name),
    );
    const reached = new Set(routes.map(({ controller }) => controller.name));
    expect([...reached].sort()).toEqual(written.sort());
  });

  it('are each declared once', () => {
    const paths = routes.map(({ path }) => path);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
});

describe('who may call a route', () => {
  it('is decided by guards of the whole app', () => {
    expect(providers).toContainEqual({ provide: APP_GUARD, useClass: AuthGuard });
    expect(providers).toContainEqual({ provide: APP_GUARD, useClass: StaffGuard });
  });

  it('is everybody only where the public interface says so', () => {
    const open = routes.filter(isPublic).map(({ path }) => path);
    const listed = routes.map(({ path }) => path).filter(path => publicPaths.some(it => it.test(path)));
    expect(open.sort()).toEqual(listed.sort());
  });

  it('goes unasked only where a balancer probes', () => {
    const unguarded = routes.filter(isUnguarded).map(({ path }) => path);
    expect(unguarded.sort()).toEqual(['GET /livez', 'GET /ping', 'GET /readyz', 'GET /startupz']);
  });

  it('is still listed for routes that exist', () => {
    expect(publicPaths.filter(it => !routes.some(({ path }) => it.test(path)))).toEqual([]);
  });
});

describe('what staff may call', () => {
  const known = new Set(Object.keys(permissions));

  it('asks for a permission on every route under /admin', () => {
    expect(routes.flatMap(route => permissionProblem(route, known) ?? [])).toEqual([]);
  });

  it('leaves no permission in the table that opens nothing', () => {
    const asked = new Set(routes.map(permissionOf));
    expect([...known].filter(permission => !asked.has(permission))).toEqual([]);
  });

  it('is refused where the rules are broken', () => {
    const problem = (path: string, ...decorators: readonly Decorate[]): string | null =>
      permissionProblem(routeWith(Get(path), ...decorators), known);
    expect(problem('admin/orders')).toMatch('asks for no permission');
    expect(problem('admin/orders', RequiresPermission('orders.burn'))).toMatch('which no role has');
    expect(problem('admin/orders', RequiresPermission('account.use'), Public())).toMatch('is public');
    expect(problem('orders', RequiresPermission('account.use'))).toMatch('not under /admin');
    expect(problem('admin/orders', RequiresPermission('account.use'))).toBeNull();
    expect(problem('administration')).toBeNull();
  });
});

describe('how often a route may be called', () => {
  const limitedAs = (limit: string): string[] =>
    routes.filter(route => limitOf(route) === limit).map(({ path }) => path);

  it('is bounded, but for probes and for WeChat, which does not send everything again', () => {
    expect(limitedAs('none').sort()).toEqual([
      'GET /livez',
      'GET /ping',
      'GET /readyz',
      'GET /startupz',
      'GET /wechat/push',
      'POST /wechat/pay/notify',
      'POST /wechat/push',
    ]);
  });

  it('is bounded closely where somebody guesses or reserves', () => {
    expect(limitedAs('login').sort()).toEqual([
      'POST /admin/session',
      'POST /auth/refresh',
      'POST /auth/wechat',
    ]);
    expect(limitedAs('order')).toEqual(['POST /orders']);
  });
});

describe('answers', () => {
  it('hold nothing that their schema does not name', () => {
    expect(routes.filter(route => !isProbe(route)).flatMap(route => answerProblem(route) ?? [])).toEqual([]);
  });

  it('are refused without a schema', () => {
    expect(answerProblem(routeWith(Get()))).toMatch('does not say');
    expect(answerProblem(routeWith(Get(), HttpCode(200)))).toMatch('does not say');
    expect(answerProblem(routeWith(Get(), Returns(200, z.object({})), HttpCode(201)))).toMatch(
      'does not say',
    );
    expect(answerProblem(routeWith(Get(), ReturnsNothing()))).toBeNull();
    expect(answerProblem(routeWith(Get(), ReturnsText()))).toBeNull();
  });
});

describe('cached routes', () => {
  it('need no step that only Nest’s pipeline takes', () => {
    expect(routes.flatMap(route => cachedProblem(route) ?? [])).toEqual([]);
    const steps = providers.filter(step => 'provide' in step && appWide.includes(step.provide)).map(classOf);
    expect(new Set(steps)).toEqual(new Set([AuthGuard, StaffGuard]));
  });

  it('are refused with one', () => {
    const options = { name: 'test', ttlMs: 1, maxAgeSeconds: 1, tags: () => [] };
    const answer = Returns(200, z.object({}));
    const problem = (...decorators: readonly Decorate[]): string | null =>
      cachedProblem(routeWith(...decorators, Cached(options)));
    expect(problem(Get(), Public(), answer)).toBeNull();
    expect(problem(Get(), answer)).toMatch('not for everybody');
    expect(problem(Get(), Public(), RequiresPermission('account.use'), answer)).toMatch('not for everybody');
    expect(problem(Post(), Public(), answer)).toMatch('no read');
    expect(problem(Get(), Public(), Returns(201, z.object({})))).toMatch('otherwise than 200');
    expect(problem(Get(), Public(), answer, UseGuards(AuthGuard))).toMatch('__guards__');
    expect(problem(Get(), Public(), answer, Header('x-own', '1'))).toMatch('__headers__');
  });
});

describe('input', () => {
  it('has a schema that names every field and bounds every value', () => {
    expect(routes.flatMap(inputProblems).sort()).toEqual(tolerated);
  });

  it('is refused without one', () => {
    const problem = (decorate: ParameterDecorator): string =>
      inputProblems(routeWith(Post(), argument(decorate))).join();
    expect(problem(Body())).toMatch('without a schema');
    expect(problem(Body('name'))).toMatch('without a schema');
    expect(problem(Body({ schema: z.object({}) }))).toMatch('unknown fields');
    expect(problem(Query({ schema: z.strictObject({ q: z.string().optional() }) }))).toMatch(
      'q has no maximal length',
    );
    expect(problem(Body({ schema: z.strictObject({ ids: z.array(z.int()) }) }))).toMatch(
      'ids has no maximal count',
    );
    expect(problem(Body({ schema: z.strictObject({ ids: z.array(z.string().max(9)).max(9) }) }))).toBe('');
  });
});
