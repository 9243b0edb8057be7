import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { type Context, type Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { isLedgerFailure } from '../db/is-ledger-failure';
import { type FailureCode, problem } from '../domain/failures';
import { NOT_READY } from '../domain/not-ready';
import { correlate, correlated } from '../telemetry/correlation';
import { traceRequest } from '../telemetry/trace-request';
import { answerCall } from './answer-call';
import { checkOrigin } from './check-origin';
import { type GatewayDeps } from './deps';
import { describeRoute, openApiInfo } from './describe-route';
import { errorCode } from './error-code';
import { RequestRefused } from './request-refused';
import { type Route } from './route';
import { type Listener, routesOf } from './listener';
import { metricsPage } from './metrics-page';
import { sourceOf } from './source-of';

/** Stands in the answer to a request and in its log line, so that the one leads to the other. */
interface Variables {
  readonly requestId: string;
}
type GatewayContext = Context<{ Variables: Variables }>;

/** Those that we answer to; a label has room for no others. */
const METHODS = ['GET', 'POST'];

/** Pages hold words and forms to ourselves, and nothing else. */
const CONTENT_SECURITY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], formAction: ["'self'"] };

/**
 * Nobody else learns an address of ours, in which a token may be. Not `no-referrer`: with that, browsers send `Origin: null` with our own forms
 * (Fetch, «append a request Origin header»), and we could not tell them from those of others.
 */
const REFERRER = 'same-origin';

/** What one listener answers, as an HTTP application; it holds no state of its own, and listens nowhere. */
export function createGateway(deps: GatewayDeps, listener: Listener): Hono {
  const routes = routesOf(listener);
  const pages = listener === 'agents' ? deps.pages : [metricsPage(deps)];
  const hostNames = deps.hostNames[listener];
  const app = new OpenAPIHono<{ Variables: Variables }>();
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY, referrerPolicy: REFERRER }));
  app.use(async (c, next) => {
    const started = performance.now();
    await traceRequest(c.req.header('traceparent'), async (traced) => {
      const request = traced.traceId ?? randomUUID();
      c.set('requestId', request);
      await correlate({ request }, async () => {
        await next();
        c.header('x-request-id', request);
        c.header('cache-control', 'no-store');
        const ms = performance.now() - started;
        const route = patternOf([...routes, ...pages], c.req.path);
        const { status } = c.res;
        deps.log.info({ method: c.req.method, route, status, ms: Math.round(ms) });
        const method = METHODS.includes(c.req.method) ? c.req.method : 'other';
        traced.end(route, method, status, correlated().action);
        deps.metrics.count('countersign_http_requests_total', { route, method, status: String(status) });
        deps.metrics.observe('countersign_http_request_seconds', { route }, ms / 1_000);
      });
    });
  });
  for (const route of routes) {
    app.openAPIRegistry.registerPath(describeRoute(route));
    app.on(route.method.toUpperCase(), honoPath(route), async (c) => {
      if (route.anyHost !== true) checkOrigin({ host: hostOf(c), origin: c.req.header('origin') }, hostNames);
      // Reading goes on to the end: a target may still need our public keys.
      if (route.method === 'post' && deps.readiness.isDraining())
        throw new RequestRefused('not_ready', { detail: NOT_READY.draining });
      const { status, body, headers } = await answerCall(route, deps, c.req, sourceOf(c), c.get('requestId'));
      return status === 304 ? c.body(null, status, headers) : c.json(body, status, headers);
    });
  }
  for (const page of pages) {
    app.on(page.method.toUpperCase(), honoPath(page), async (c) => {
      if (page.anyHost !== true) checkOrigin({ host: hostOf(c), origin: c.req.header('origin') }, hostNames);
      return await page.handle(c);
    });
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  // Written once: it takes a tenth of a second in which nobody else is answered, and anybody may ask for it.
  let described: string | undefined;
  app.get('/openapi.json', (c) => {
    described ??= JSON.stringify(app.getOpenAPI31Document(openApiInfo));
    return c.body(described, 200, { 'content-type': 'application/json' });
  });
  app.notFound((c) => {
    const allowed = [...routes, ...pages]
      .filter((route) => matches(route, c.req.path))
      .map((route) => route.method.toUpperCase());
    return allowed.length === 0
      ? refuse(c, 'not_found')
      : refuse(c, 'method_not_allowed', {}, { allow: allowed.join(', ') });
  });
  app.onError((error, c) => {
    if (error instanceof RequestRefused) return refuse(c, error.code, error.extra);
    if (isLedgerFailure(error)) deps.metrics.count('countersign_ledger_failures_total', {});
    deps.log.error({ err: error }, 'a request failed');
    return refuse(c, errorCode(error), { detail: `Request ${c.get('requestId')}.` });
  });
  return app as unknown as Hono;
}

/** Waiting helps: seconds until the same request may succeed. */
const RETRY_AFTER: Partial<Record<FailureCode, string>> = {
  too_many_pending: '30',
  agent_throttled: '60',
  agent_busy: '2',
  fact_unanswered: '2',
  database_unavailable: '2',
  ledger_unavailable: '2',
  not_ready: '2',
};

function refuse(
  c: GatewayContext,
  code: FailureCode,
  extra: RequestRefused['extra'] = {},
  headers: Record<string, string> = {},
): Response {
  const body = problem(code, extra);
  const retry = RETRY_AFTER[code];
  return c.body(JSON.stringify(body), body.status as 400, {
    'content-type': 'application/problem+json',
    ...(body.status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retry !== undefined && { 'retry-after': retry }),
    ...headers,
  });
}

type Addressed = Pick<Route, 'path'>;

function honoPath({ path }: Addressed): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Whether a path that was asked for is one of this route. */
export function matches({ path }: Addressed, requested: string): boolean {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(requested);
}

/** For the log: the path of a route, never what somebody wrote into it. */
function patternOf(routes: readonly Addressed[], requested: string): string {
  return routes.find((route) => matches(route, requested))?.path ?? '(none)';
}

function hostOf(c: GatewayContext): string {
  return c.req.header('host') ?? new URL(c.req.url).host;
}
