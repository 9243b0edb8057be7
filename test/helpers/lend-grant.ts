import { randomBytes } from 'node:crypto';
import { claimGrant } from '../../db/claim-grant';
import { beginMint, recordMint } from '../../db/mint';
import { begin, decideOn, seedAction, type SeededAction, TYPE } from './seed';
import { type World } from './world';

/** An action of the lane `granted` that was begun, with its grant. */
export async function beginLent(
  world: World,
  tenant: string,
  target?: string,
): Promise<{ readonly action: SeededAction; readonly grantId: string }> {
  const action = await seedAction(world, tenant, { type: { ...TYPE, effect: 'read', lane: 'granted' } });
  await decideOn(world, action);
  await decideOn(world, action, { stage: 'preflight/pay' });
  const times = { grantTtlMs: 600_000, ...(target !== undefined && { target }) };
  const beginning = await begin(world, action, times);
  if (!('begun' in beginning)) throw new Error(beginning.refused);
  return { action, grantId: beginning.begun.grantId };
}

/** Its agent has a credential from now on, says the table. */
export async function handOut(world: World, tenant: string, grantId: string): Promise<void> {
  const me = { agent: 'payer', generation: 1 };
  const key = randomBytes(32).toString('base64url');
  await world.as('gateway', tenant, (client) => claimGrant(client, tenant, grantId, me, key));
  await world.as('worker', tenant, async (client) => {
    await beginMint(client, tenant, grantId);
    const refused = await recordMint(client, tenant, { grantId, claim: 1, mint: 1, jwe: 'sealed' });
    if (refused !== null) throw new Error(refused);
  });
}
