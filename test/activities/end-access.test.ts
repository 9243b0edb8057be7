import { createEndAccess } from '../../activities/end-access';
import { recordRevocation } from '../../db/record-revocation';
import { type AccessEnd } from '../../activities/results';
import { beginLent } from '../helpers/lend-grant';
import { moveFence } from '../helpers/move-fence';
import { tenant, workshop, world } from '../helpers/own-workshop';

const LIVE = { kind: 'live', code: 'target_connection_lost' } as const;
let grantId: string;
let end: () => Promise<AccessEnd>;
beforeEach(async () => {
  const lent = await beginLent(world, tenant);
  grantId = lent.grantId;
  await moveFence(world.superuser, tenant, 'agent:payer', true);
  workshop.target.revocations = [LIVE];
  end = () => createEndAccess(workshop.deps)({ tenant, actionId: lent.action.actionId, stepId: 'pay' });
});

it('X56 access that was lent is not over while its credential lives', async () => {
  await expect(end()).rejects.toMatchObject({ type: 'grant_live', nonRetryable: false });
  expect(await end()).toEqual({ kind: 'stopped', stopped: 'denied', code: 'scope_fenced' });
});

it('access that the reaper has ended is over, though its target is away since', async () => {
  await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grantId, { kind: 'revoked' }));
  expect(await end()).toEqual({ kind: 'stopped', stopped: 'denied', code: 'scope_fenced' });
  expect(await world.rows('select state, code from effects where tenant = $1', [tenant])).toEqual([
    { state: 'absent', code: 'scope_fenced' },
  ]);
});
