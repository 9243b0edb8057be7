import { type HonoRequest } from 'hono';
import { type Caller, callerOf, type PersonCaller } from './caller';
import { check } from './check';
import { type GatewayDeps } from './deps';
import { operatesEverywhere, operatesSomewhere } from './may-operate';
import { readBody } from './read-body';
import { RequestRefused } from './request-refused';
import { type Answer, type Route, type Who } from './route';

const KINDS: Readonly<Record<Who, readonly Caller['kind'][]>> = {
  public: [],
  agent: ['agent'],
  member: ['person'],
  operator: ['person'],
  localOperator: ['person'],
  admin: ['person'],
  anyone: ['agent', 'person'],
};

/** Finds out who asks, reads and checks what they ask, and only then hands the call to its route. */
export async function answerCall(
  route: Route,
  deps: GatewayDeps,
  request: HonoRequest,
  source: string,
  requestId: string,
): Promise<Answer> {
  const caller = await authorise(route.who, deps, request.header('authorization'), source);
  const id = request.param('id') ?? '';
  if (route.idPattern !== undefined && !route.idPattern.test(id)) throw new RequestRefused('not_found');
  const query = route.query === undefined ? undefined : check(route.query, request.query(), '/query');
  const body =
    route.body === undefined ? undefined : check(route.body.schema, await readBody(request.raw, route.bodyLimits));
  return await route.handle({ deps, caller, id, requestId, query, body, header: (name) => request.header(name) });
}

async function authorise(
  who: Who,
  deps: GatewayDeps,
  authorization: string | undefined,
  source: string,
): Promise<Caller | undefined> {
  if (who === 'public') return undefined;
  const caller = await callerOf(deps, authorization, KINDS[who]);
  if (caller === undefined) {
    deps.strangers.add(authorization === undefined ? 'no_credentials' : 'unknown_credentials', source);
    throw new RequestRefused('unauthenticated');
  }
  if (caller.kind === 'person' && !mayCall(who, caller)) throw new RequestRefused('forbidden');
  return caller;
}

function mayCall(who: Who, caller: PersonCaller): boolean {
  const { roles, rolesIn } = caller;
  if (who === 'admin') return roles.includes('admin');
  if (who === 'operator') return operatesEverywhere(roles);
  return who === 'localOperator' ? operatesSomewhere(caller) : roles.length + rolesIn.length > 0;
}
