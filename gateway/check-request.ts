import { isActivePerson } from '../db/is-active-person';
import { withTenant } from '../db/with-tenant';
import { type ActionType } from '../domain/documents';
import { type Json, type JsonObject } from '../domain/json';
import { readFacts } from '../domain/read-facts';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

interface Asked {
  readonly type: string;
  readonly params: JsonObject;
}

/** Names are compared byte for byte: one that only looks like an action type is none. */
export function checkedType({ pdp }: Pick<GatewayDeps, 'pdp'>, { type, params }: Asked): ActionType {
  if (!Object.hasOwn(pdp.catalogue.actionTypes, type)) throw new RequestRefused('unknown_action_type');
  const judged = pdp.validateParams(type, params);
  if (judged.ok) return judged.actionType;
  throw new RequestRefused('invalid_parameters', {
    problems: judged.problems.map(({ path, message }) => ({ path: `/params${path}`, message })),
  });
}

/** Whom an agent acts for is somebody here. Nobody can check that it really does; so it lets nobody decide, and only keeps that person from it. */
export async function checkPrincipal(
  { pool }: Pick<GatewayDeps, 'pool'>,
  tenant: string,
  onBehalfOf: string | undefined,
): Promise<void> {
  if (onBehalfOf === undefined) return;
  if (await withTenant(pool, tenant, (client) => isActivePerson(client, tenant, onBehalfOf))) return;
  throw new RequestRefused('invalid_parameters', {
    problems: [{ path: '/onBehalfOf', message: 'must be the id of a person of this tenant' }],
  });
}

/** What does not answer ends the request: nobody could decide without it. */
export async function factsOf(
  deps: Pick<GatewayDeps, 'pdp' | 'facts' | 'log'>,
  tenant: string,
  actionType: ActionType,
  params: JsonObject,
): Promise<Readonly<Record<string, Json>>> {
  const read = await readFacts(deps.facts, deps.pdp.catalogue.targets, tenant, actionType.facts, params);
  if (read.kind === 'read') return read.facts;
  deps.log.warn({ fact: read.fact, code: read.code }, 'a fact was not answered');
  throw new RequestRefused('fact_unanswered', { detail: `The fact "${read.fact}" could not be read.` });
}
