import { Client } from 'pg';
import { actionWorkflowId } from '../../workflows/contract/names';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, pay, paymentsOf } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
let superuser: Client;
beforeAll(async () => {
  spine = await startSpine();
  superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await spine.stop();
});

it('F24 an action whose end was lost with the last commits of Postgres ends again as it did, and pays nothing twice', async () => {
  const { id } = await pay(spine, invoice());
  const outcome = await ended(spine, id);
  expect(outcome).toMatchObject({ kind: 'executed' });
  const client = await clientOf(spine);
  await client.workflow.getHandle(actionWorkflowId('demo', id)).result();
  await client.connection.close();
  await superuser.query(
    `update actions set settled_at = null, outcome = null, state = 'executing' where action = $1::text`,
    [id],
  );
  await superuser.query(`insert into outbox (tenant, kind, action) values ('demo', 'wake', $1::text)`, [id]);
  expect(await ended(spine, id)).toEqual(outcome);
  expect(paymentsOf(spine, id)).toBe(1);
  expect(await checkInvariants(spine)).toEqual([]);
}, 120_000);
