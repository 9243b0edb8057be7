import fc from 'fast-check';
import { createReadVerdict } from '../../activities/read-verdict';
import { type BallotResult } from '../../db/cast-vote';
import { askPeople, begin, decideOn, seedAction, seedTenant, vote } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld(12)));
afterAll(() => world.close());

/** Who begins when, as the scheduler orders them, and how long each then hesitates: some orders overlap, and some do not. */
const hesitations = fc.array(fc.nat(40), { minLength: 5, maxLength: 5 });

it('X7 in whatever order approval, denial and worker come, a denial that was recorded stops the effect, and both votes are kept', async () => {
  const tenant = await seedTenant(world);
  const seen = { denials: 0, effects: 0 };
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), hesitations, async (scheduler, waits) => {
      const action = await seedAction(world, tenant);
      await askPeople(world, action);
      await decideOn(world, action, { stage: 'preflight/pay' });
      const read = createReadVerdict(createWorkshop(world).deps);
      const turn = async (name: string, i: number): Promise<void> => {
        await scheduler.schedule(Promise.resolve(), name);
        await new Promise((resolve) => setTimeout(resolve, waits[i]));
      };
      const cast = async (person: string, choice: 'approve' | 'deny', i: number): Promise<BallotResult> => {
        await turn(`${person}: ${choice}`, i);
        return await vote(world, action, person, { choice });
      };
      let began = false;
      const look = async (): Promise<string> => {
        const { kind } = await read({ tenant, actionId: action.actionId });
        if (kind === 'approved') began ||= 'begun' in (await begin(world, action));
        return kind;
      };
      const work = async (): Promise<void> => {
        for (const i of [2, 3, 4]) {
          await turn('worker', i);
          await look();
        }
      };
      const [approved, denied] = await scheduler.waitFor(
        Promise.all([cast('bob', 'approve', 0), cast('carol', 'deny', 1), work()]),
      );
      const kept = await world.rows<{ person: string }>('select person from votes where request = $1 order by 1', [
        action.request,
      ]);
      const recorded = [...(approved === 'recorded' ? ['bob'] : []), ...(denied === 'recorded' ? ['carol'] : [])];
      expect(kept.map(({ person }) => person)).toEqual(recorded);
      const verdict = await look();
      expect(began).toBe(denied !== 'recorded');
      if (began) expect([approved, denied]).toEqual(['recorded', 'approval_closed']);
      else if (verdict !== 'approved') expect(verdict).toBe('rejected');
      seen[began ? 'effects' : 'denials'] += 1;
    }),
    { numRuns: 80 },
  );
  expect(seen.denials).toBeGreaterThan(0);
});
