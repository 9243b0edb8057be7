import { setTimeout as pause } from 'node:timers/promises';
import { z } from '@hono/zod-openapi';
import { type PoolClient } from 'pg';
import { claimGrant as claim, findSealed } from '../../db/claim-grant';
import { enqueueWake } from '../../db/enqueue-wake';
import { type StoredAction } from '../../db/find-action';
import { listPendingWakes } from '../../db/list-pending-wakes';
import { withTenant } from '../../db/with-tenant';
import { type GatewayDeps } from '../deps';
import { findOwnGrant } from '../find-own-grant';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { EXAMPLE_GRANT, GRANT_ID } from '../shapes';
import { startable } from '../start-action';
import { usableKey } from '../usable-key';
import { WAKE_GRACE_MS, wakeNow } from '../wake-now';

/** A login is made in a tenth of it. Whoever is told to come again loses nothing: the claim stands. */
const WAIT_MS = 10_000;
/** A login is there in less than the first few; whoever waits longer waits for a worker or a target that is away. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 500;

const publicKey = z
  .strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('X25519'),
    x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url'),
  })
  .refine(({ x }) => usableKey(x), 'is no key that anything could be sealed for');

const sealed = z.object({
  id: z.string(),
  jwe: z.string().openapi({ description: 'Compact JWE (ECDH-ES, A256GCM) of a JSON object with the login.' }),
});

export const claimGrant = defineRoute({
  method: 'post',
  path: '/v1/grants/{id}/claim',
  tag: 'agents',
  summary: 'Claim the access that an action of the lane granted is given',
  description:
    'The credential is made now, sealed for the key in the body, and kept in no other form. The same key is answered the same; another one, twice at most, makes a new password and ends the sessions of the one before.',
  who: 'agent',
  idPattern: GRANT_ID,
  body: {
    schema: z.strictObject({ publicKey }),
    example: { publicKey: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' } },
  },
  answers: {
    200: {
      description: 'The credential, for the holder of the private key.',
      schema: sealed,
      example: {
        id: EXAMPLE_GRANT,
        jwe: 'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6e319fQ..c2VhbGVk.c2VhbGVk.c2VhbGVk',
      },
    },
  },
  refusals: [
    'grant_over',
    'claim_superseded',
    'claims_exhausted',
    'votes_void',
    'grant_not_ready',
    'agent_busy',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller, id, body }) => {
    const { tenant } = caller;
    const { x } = body.publicKey;
    const claimed = async (client: PoolClient): Promise<StoredAction> => {
      const found = await findOwnGrant(client, caller, id);
      // Before the guard, which holds the tenant's ledger until the commit. A refusal takes it back. A key that is known was told of when it
      // came; a message of before that would not do for a new one, which its workflow could not see yet.
      const known = await findSealed(client, tenant, id, x);
      const told = known.jwe !== null || (await listPendingWakes(client, tenant, found.action.id)).length > 0;
      if (known.over || !told) await enqueueWake(client, tenant, found.action.id, WAKE_GRACE_MS);
      const answer = await claim(client, tenant, id, found.borrower, x);
      if (answer !== 'claimed') throw new RequestRefused(answer);
      return found.action;
    };
    const action = await deps.agentTurns.take(caller, () => withTenant(deps.pool, tenant, claimed));
    wakeNow(deps, startable(tenant, action));
    return { status: 200, body: { id, jwe: await sealedFor(deps, tenant, id, x) } };
  },
});

/** Looks at the row until the worker has written it: nothing but the sealed form ever reaches this process. */
async function sealedFor(deps: GatewayDeps, tenant: string, id: string, x: string): Promise<string> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 1.25, LAST_LOOK_MS)) {
    const { jwe, over } = await withTenant(deps.pool, tenant, (client) => findSealed(client, tenant, id, x));
    if (over) throw new RequestRefused('grant_over');
    if (jwe !== null) return jwe;
    if (performance.now() > giveUpAt) throw new RequestRefused('grant_not_ready');
    await pause(lookMs);
  }
}
