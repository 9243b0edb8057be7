import { setTimeout as sleep } from 'node:timers/promises';
import { type ActionHandle, CountersignError, type Credential } from '../../client';
import { waitUntil } from '../../stack/wait-until';
import { type Lending, sqlState, startLending } from '../helpers/lending';
import { moveFenceAt } from '../helpers/move-fence';
import { offboard } from '../helpers/offboard';

/* A hundred claims of access at once, while their agent is stopped or leaves. Asserted by logging in to the target. */

const CLAIMS = 100;

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterAll(async () => {
  await lending.hangUp();
  await lending.stop();
});

/** What was given out before or in the middle of it; a claim that came too late is refused, or its action has ended. */
async function claimAll(handles: readonly ActionHandle[]): Promise<Credential[]> {
  const claimed = await Promise.all(
    handles.map(async (handle) => {
      try {
        const claim = await handle.claim({ waitMs: 20_000 });
        return claim.kind === 'claimed' ? [claim.credential] : [];
      } catch (error) {
        if (error instanceof CountersignError) return [];
        throw error;
      }
    }),
  );
  return claimed.flat();
}

async function race(stop: () => Promise<unknown>): Promise<void> {
  const handles = await Promise.all(Array.from({ length: CLAIMS }, () => lending.ask('books.study')));
  const [credentials] = await Promise.all([claimAll(handles), sleep(400).then(stop)]);
  const none = async (of: string): Promise<boolean> => (await lending.spine.auditor.query(of)).rowCount === 0;
  const ended = () => none(`select from grants where state <> 'revoked'`);
  await waitUntil(ended, { what: 'Not every credential ended', withinMs: 60_000 });
  expect(await lending.books.jitRoles()).toEqual([]);
  for (const credential of credentials) expect(await sqlState(lending.login(credential))).toMatch(/^28/);
  const minted = await lending.spine.auditor.query<{ late: number }>(
    `select count(*)::integer as late from grant_claims c join grants g using (tenant, grant_id) where c.jwe is not null and g.state <> 'revoked'`,
  );
  expect(minted.rows).toEqual([{ late: 0 }]);
  // An agent may have no more open actions than these.
  const settled = () => none('select from actions where settled_at is null');
  await waitUntil(settled, { what: 'Not every action came to its end', withinMs: 60_000 });
}

it('G7 nothing that was minted around a kill lives after it', async () => {
  await race(() => moveFenceAt(lending.spine.database.superuserUrl, `agent:${lending.agentId}`, true));
  await moveFenceAt(lending.spine.database.superuserUrl, `agent:${lending.agentId}`, false);
}, 120_000);

it('G7 nor around an offboarding, which comes to its end', async () => {
  await race(() => offboard(lending.spine, lending.agentId));
  const state = async (): Promise<unknown> =>
    (await lending.spine.auditor.query<{ state: string }>('select state from agents')).rows[0]?.state;
  await waitUntil(async () => (await state()) === 'offboarded', { what: 'It did not end', withinMs: 60_000 });
}, 180_000);
