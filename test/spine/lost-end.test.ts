import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { actionWorkflowId } from '../../workflows/contract/names';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { newerBundle } from '../helpers/newer-bundle';
import { ended, invoice, pay, paymentsOf } from '../helpers/pay';
import { startTestProcess } from '../helpers/processes';
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

it('F24 an action that was done when its workflow was terminated has been executed, also where the policy has another version of its type by then', async () => {
  const dying = await spine.startWorker('settle:before=kill');
  const { id } = await pay(spine, invoice(), { waitMs: 100 });
  expect(await dying.ended).toEqual({ code: null, signal: 'SIGKILL' });
  expect(paymentsOf(spine, id)).toBe(1);
  const client = await clientOf(spine);
  await client.workflow.getHandle(actionWorkflowId('demo', id)).terminate('an operator pressed the button');
  await client.connection.close();

  const file = 'action-types/pay-invoice.yaml';
  const path = join(spine.home, 'newer.json');
  writeFileSync(path, JSON.stringify(await newerBundle(spine, { file, from: 'version: 1', to: 'version: 2' })));
  startTestProcess('worker', { ...spine.settings.worker, COUNTERSIGN_BUNDLE: path });
  await superuser.query(`insert into outbox (tenant, kind, action) values ('demo', 'wake', $1::text)`, [id]);
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  const { payments } = spine.services;
  expect(payments.book.records().filter(({ kind, actionId }) => kind === 'effect' && actionId === id)).toHaveLength(1);
  expect(await checkInvariants(spine)).toEqual([]);
}, 120_000);
