import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { type Harness, secret, startHarness } from '../gateway/harness';

/* More than one page of what somebody has to decide. */

let h: Harness;
let home: string;
beforeAll(async () => {
  h = await startHarness();
  home = mkdtempSync(join(tmpdir(), 'countersign-many-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await h.stop();
});

const countersign = (as: string, ...args: readonly string[]): Promise<Ran> =>
  runCountersign(args, {
    ...{ NO_COLOR: '1', COUNTERSIGN_HOME: home, COUNTERSIGN_URL: h.url, COUNTERSIGN_ADMIN_URL: h.adminUrl },
    COUNTERSIGN_TOKEN: secret(as),
  });

test('a proposal is shown and confirmed however many older ones are open, and is in the list', async () => {
  await h.superuser.query(
    `insert into proposals (tenant, proposal, verb, subject, what, digest, proposed_by, proposed_at)
     select 'acme', 'prp-' || gen_random_uuid(), 'onboard', 'flood-' || n || '/1', '{}', 'sha256:' || repeat('0', 64), 'olga', now() - interval '1 hour'
     from generate_series(1, 100) n`,
  );
  const content = { model: 'm-1', prompt: 'Be brief.', tools: [], config: {} };
  const { status, body } = await h.request('POST', '/v1/admin/agents', {
    as: 'max',
    json: {
      ...{ id: 'clerk', owner: 'olga', team: 'floor', environment: 'test', purpose: 'Clerks.', riskTier: 'low' },
      ...{ version: '1', content, reason: 'the pilot' },
    },
  });
  expect(status).toBe(202);
  const id = body.proposal as string;
  const listed = await countersign('bob', 'proposals', 'list');
  expect(listed.out).toContain(id);
  expect((await countersign('bob', 'proposals', 'show', id)).out).toContain('onboard clerk/1, proposed by max');
  const confirm = ['proposals', 'confirm', id, '--yes', '--reason', 'looked'];
  expect(await countersign('bob', ...confirm)).toMatchObject({ code: 0 });
  const { rows } = await h.superuser.query(`select state from agents where tenant = 'acme' and agent = 'clerk'`);
  expect(rows).toEqual([{ state: 'active' }]);
  expect(await countersign('bob', ...confirm)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`No proposal ${id} is open`),
  });
});

test('a list of tasks has all of them', async () => {
  const action = (await h.act()).body.id as string;
  await h.superuser.query(
    `insert into tasks (tenant, task, action, step, kind) select 'acme', $1 || '.s' || n || '.undo_stuck', $1, 's' || n, 'undo_stuck' from generate_series(1, 101) n`,
    [action],
  );
  const { tasks } = JSON.parse((await countersign('max', 'tasks', 'list', '--json')).out) as {
    tasks: { id: string }[];
  };
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(101);
});
