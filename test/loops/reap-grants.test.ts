import { createEndGrant } from '../../activities/end-grant';
import { createReapGrants } from '../../loops/reap-grants';
import { beginLent } from '../helpers/lend-grant';
import { moveFence } from '../helpers/move-fence';
import { tenant, workshop, world } from '../helpers/own-workshop';

const grants = (): Promise<object[]> => world.rows('select state from grants where tenant = $1', [tenant]);
/** What the outbox has for an action: what is due, and what will be within a minute. */
const wakes = (action: string): Promise<{ due: string }[]> =>
  world.rows(
    `select case when due_at <= now() then 'now' when due_at < now() + interval '1 minute' then 'soon' else 'later' end as due from outbox
     where tenant = $1 and action = $2 and kind = 'wake' and done_at is null`,
    [tenant, action],
  );

it('W1 a workflow whose access a fence has ended is woken, though the reaper dies before it can say so', async () => {
  const { action } = await beginLent(world, tenant);
  await world.rows('update outbox set done_at = now()');
  await moveFence(world.superuser, tenant, 'agent:payer', true);
  const endGrant = createEndGrant(workshop.deps);
  const reap = createReapGrants(world.loops, async (...grant) => {
    await endGrant(...grant);
    throw new Error('died');
  });
  await expect(reap()).rejects.toThrow('died');
  expect(await grants()).toEqual([{ state: 'revoked' }]);
  expect(await wakes(action.actionId)).toEqual([{ due: 'soon' }]);
});

it('W1 it is woken once, when its access has ended, and not with every try that fails', async () => {
  const { action } = await beginLent(world, tenant);
  await world.rows('update outbox set done_at = now()');
  await moveFence(world.superuser, tenant, 'agent:payer', true);
  workshop.target.revocations = Array.from({ length: 2 }, () => ({ kind: 'live', code: 'target_busy' }));
  const reap = createReapGrants(world.loops, createEndGrant(workshop.deps));
  const told: object[] = [];
  for (let tries = 0; tries < 3; tries++) {
    await world.rows('update grants set next_revoke_at = now()');
    expect(await reap()).toBe(true);
    told.push(await wakes(action.actionId));
  }
  expect(told).toEqual([[], [], [{ due: 'now' }]]);
});
