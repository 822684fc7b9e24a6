import type { AccessTokens } from './access-token.ts';
import { apiError } from './api-error.ts';
import type { ContentChecks } from './content-checks.ts';
import type { Credentials } from './credentials.ts';
import type { Faults } from './faults.ts';
import { dispatch, json, parseJson } from './http.ts';
import type { Answer, Route, SandboxRequest } from './http.ts';
import { refuseApp } from './login.ts';
import type { Login } from './login.ts';
import type { Phones } from './phone.ts';
import { isRecord } from './rules.ts';
import type { Shipments } from './shipments.ts';
import type { Subscriptions } from './subscriptions.ts';

interface ApiParts {
  readonly credentials: Credentials;
  readonly login: Login;
  readonly tokens: AccessTokens;
  readonly phones: Phones;
  readonly shipments: Shipments;
  readonly subscriptions: Subscriptions;
  readonly contentChecks: ContentChecks;
}

type JsonBody = Readonly<Record<string, unknown>>;

/** api.weixin.qq.com: errors are HTTP 200 with an errcode. */
export function apiSurface(parts: ApiParts, faults: Faults): (request: SandboxRequest) => Answer {
  const routes = apiRoutes(parts);
  faults.serves('api', routes);
  return request => {
    const fault = faults.api(request.path);
    if (fault?.timeout) return 'no-answer';
    if (fault?.errcode !== undefined) return apiError(fault.errcode);
    return dispatch(routes, request) ?? unrouted(routes, request);
  };
}

function apiRoutes(parts: ApiParts): Route<Answer>[] {
  const { credentials, login, tokens, phones, shipments, subscriptions, contentChecks } = parts;
  const withTokenAt = (path: string, handle: (body: JsonBody) => Answer): Route<Answer> => ({
    method: 'POST',
    path,
    handle: request => withToken(tokens, request, handle),
  });
  return [
    { method: 'GET', path: '/sns/jscode2session', handle: request => login.codeToSession(request.query) },
    { method: 'GET', path: '/cgi-bin/token', handle: request => legacyToken(credentials, tokens, request) },
    {
      method: 'POST',
      path: '/cgi-bin/stable_token',
      handle: request => withBody(request, body => stableToken(credentials, tokens, body)),
    },
    withTokenAt('/wxa/business/getuserphonenumber', body => phones.getUserPhoneNumber(body)),
    withTokenAt('/wxa/sec/order/upload_shipping_info', body => apiError(shipments.upload(body))),
    withTokenAt('/cgi-bin/message/subscribe/send', body => subscriptions.send(body)),
    withTokenAt('/wxa/msg_sec_check', body => contentChecks.check(body)),
  ];
}

function legacyToken(credentials: Credentials, tokens: AccessTokens, { query }: SandboxRequest): Answer {
  if (query.get('grant_type') !== 'client_credential') return apiError(40002);
  const refused = refuseApp(credentials, query.get('appid'), query.get('secret'));
  return refused ? apiError(refused) : json(200, tokens.issueLegacy());
}

function stableToken(credentials: Credentials, tokens: AccessTokens, body: JsonBody): Answer {
  if (body['grant_type'] !== 'client_credential') return apiError(40002);
  const refused = refuseApp(credentials, body['appid'], body['secret']);
  if (refused) return apiError(refused);
  const force = body['force_refresh'] ?? false;
  return typeof force === 'boolean' ? json(200, tokens.issueStable(force)) : apiError(47001);
}

function withBody(request: SandboxRequest, handle: (body: JsonBody) => Answer): Answer {
  if (request.body.length === 0) return apiError(44002);
  const body = parseJson(request.body);
  return isRecord(body) ? handle(body) : apiError(47001);
}

/** The token counts only in the query string; one in the body is a data format error. */
function withToken(
  tokens: AccessTokens,
  request: SandboxRequest,
  handle: (body: JsonBody) => Answer,
): Answer {
  const token = request.query.get('access_token');
  if (!token) return apiError(hasTokenInBody(request) ? 47001 : 41001);
  const refused = tokens.refuse(token);
  return refused ? apiError(refused) : withBody(request, handle);
}

function hasTokenInBody(request: SandboxRequest): boolean {
  const body = parseJson(request.body);
  return isRecord(body) && 'access_token' in body;
}

function unrouted(routes: readonly Route<Answer>[], request: SandboxRequest): Answer {
  const known = routes.find(route => route.path === request.path);
  if (!known) return apiError(40066, 404);
  return apiError(known.method === 'GET' ? 43001 : 43002);
}
