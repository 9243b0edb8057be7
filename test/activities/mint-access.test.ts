import { createMintAccess } from '../../activities/mint-access';
import { claimGrant } from '../../db/claim-grant';
import { recordRevocation } from '../../db/record-revocation';
import { type Provider } from '../../domain/provider';
import { begin, decideOn, seedAction, seedTenant, TYPE } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

it('X56 a credential that was made after the end is ended however often that fails', async () => {
  const tenant = await seedTenant(world);
  const workshop = createWorkshop(world);
  const { target } = workshop;
  const action = await seedAction(world, tenant, { type: { ...TYPE, effect: 'read', lane: 'granted' } });
  await decideOn(world, action);
  await decideOn(world, action, { stage: 'preflight/pay' });
  const beginning = await begin(world, action);
  if (!('begun' in beginning)) throw new Error(beginning.refused);
  const { grantId } = beginning.begun;
  const me = { agent: 'payer', generation: 1 };
  const claim = await world.as('gateway', tenant, (client) => claimGrant(client, tenant, grantId, me, 'k'.repeat(43)));
  expect(claim).toBe('claimed');

  // The reaper is quicker than the target, and finds nothing there yet.
  const http: Provider = {
    execute: async (call) => await target.execute(call),
    undo: async (call) => await target.undo(call),
    status: async (call) => await target.status(call),
    revoke: async (grant) => await target.revoke(grant),
    issue: async () => {
      await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grantId, { kind: 'revoked' }));
      target.log.push('issue');
      return { kind: 'issued', jwe: 'sealed' };
    },
  };
  const mint = createMintAccess({ ...workshop.deps, providers: { http, postgres: http } });
  const run = (): Promise<void> => mint({ tenant, actionId: action.actionId, stepId: 'pay' });
  target.revocations = [
    { kind: 'live', code: 'target_session_alive' },
    { kind: 'live', code: 'target_busy' },
  ];
  await expect(run()).rejects.toMatchObject({ type: 'target_session_alive', nonRetryable: false });
  await expect(run()).rejects.toMatchObject({ type: 'target_busy', nonRetryable: false });
  await run();
  expect(target.log).toEqual(['issue', 'revoke', 'revoke', 'revoke']);
  expect(await world.rows('select jwe from grant_claims where tenant = $1', [tenant])).toEqual([{ jwe: null }]);
});
