import { Client } from 'pg';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

it('I3 an action that three hundred people may decide is asked about, and done', async () => {
  const superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  try {
    await superuser.query(
      `insert into people (tenant, person, name, roles)
       select 'demo', 'approver-with-a-long-name-' || n, 'n', '{approver}' from generate_series(1, 300) n`,
    );
    await superuser.query(
      `insert into group_members (tenant, group_name, person)
       select 'demo', 'finance-approvers', person from people where person like 'approver-with%'`,
    );
  } finally {
    await superuser.end();
  }
  const { id, status } = await pay(spine, largeInvoice(), { waitMs: 8_000 });
  expect(status).toBe(202);
  expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
  expect(await ended(spine, id, 15_000)).toMatchObject({ kind: 'executed' });
  expect(await checkInvariants(spine)).toEqual([]);
});
