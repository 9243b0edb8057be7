import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { ended } from '../helpers/pay';

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterEach(async () => await lending.hangUp());
afterAll(async () => await lending.stop());

it('F20 access that was lent is taken back however long its database is away: a person is told, nobody gives up, and it ends when it is back', async () => {
  const { spine, books } = lending;
  const handle = await lending.ask();
  const credential = await lending.claim(handle);
  const session = await lending.login(credential);
  const { role } = books.target.minter;
  await books.rows(`alter role ${role} nologin`);
  try {
    await books.rows('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    expect((await handle.complete({}, { waitMs: 0 })).kind).toBe('pending');
    const told = async (): Promise<boolean> =>
      (await spine.auditor.query(`select from tasks where action = $1 and kind = 'revocation_overdue'`, [handle.id]))
        .rowCount === 1;
    await waitUntil(told, { what: 'Nobody was told', withinMs: 90_000 });
    expect(await lending.eventsOf(handle.id)).toContain('grant.overdue');
    // It is alive, and our books say so.
    expect((await session.query('select 1')).rowCount).toBe(1);
    const { rows } = await spine.auditor.query('select state from grants where action = $1', [handle.id]);
    expect(rows).toEqual([{ state: 'revoking' }]);
  } finally {
    await books.rows(`alter role ${role} login`);
  }
  expect(await ended(spine, handle.id, 120_000)).toMatchObject({ kind: 'executed' });
  await lending.expectDead(credential, session);
  expect(await lending.eventsOf(handle.id)).toContain('grant.ended');
  expect(await checkInvariants({ ...spine, books })).toEqual([]);
}, 240_000);
