import { z } from '@hono/zod-openapi';
import { readAsTenant } from '../../db/read-as-tenant';
import { actionView } from '../action-view';
import { findOwnAction } from '../find-own-action';
import { defineRoute } from '../route';
import { findOpenAccess } from '../../db/find-open-access';
import { ACTION_ID, exampleExecuted, ownAction } from '../shapes';

/** Longer than this, proxies give up; a client simply asks again. */
const MAX_WAIT_SECONDS = 60;

const query = z.strictObject({
  wait: z
    .string()
    .regex(/^[0-9]{1,2}s$/, `must be seconds, 0s to ${MAX_WAIT_SECONDS}s`)
    .refine((text) => Number.parseInt(text, 10) <= MAX_WAIT_SECONDS, `must be at most ${MAX_WAIT_SECONDS}s`)
    .optional()
    .openapi({ example: '30s' }),
});

export const getAction = defineRoute({
  method: 'get',
  path: '/v1/actions/{id}',
  tag: 'agents',
  summary: 'Learn how an action stands, or wait until it has ended',
  who: 'agent',
  idPattern: ACTION_ID,
  query,
  answers: { 200: { description: 'The action as it is now.', schema: ownAction, example: exampleExecuted } },
  refusals: [],
  handle: async ({ deps, caller, id, query: { wait = '0s' } }) => {
    const find = () => readAsTenant(deps.pool, caller.tenant, (client) => findOwnAction(client, caller, id));
    let found = await find();
    const waitMs = Number.parseInt(wait, 10) * 1_000;
    if (found.settledAt === null && waitMs > 0) {
      await deps.watch.settled(caller.tenant, id, waitMs);
      found = await find();
    }
    const lent = found.lane === 'granted' && found.settledAt === null;
    const access =
      lent && (await readAsTenant(deps.pool, caller.tenant, (client) => findOpenAccess(client, caller.tenant, id)));
    const grant = access ? { id: access.id, claimable: true, expiresAt: access.expiresAt.toISOString() } : undefined;
    return { status: 200, body: { ...actionView(found), ...(grant && { grant }) } };
  },
});
