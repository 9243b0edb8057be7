import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { checkInvariants } from '../helpers/check-invariants';
import { type Spine, startSpine } from '../helpers/spine';
import { runBlock } from './run-block';

/* One agent from its registration to its receipt, by the commands of the playbooks, in the order of their numbers. */

const DIRECTORY = join(packageRoot(), 'docs', 'playbooks');
const BOOKS = readdirSync(DIRECTORY)
  .filter((file) => /^\d-/.test(file))
  .sort();
/** What whoever writes the agent does, once it was let in. */
const BEGIN = '../agents.md';
const blocksOf = (file: string): string[] =>
  [...readFileSync(join(DIRECTORY, file), 'utf8').matchAll(/^```sh playbook\n(.*?)^```$/gms)].map(
    ([, block = '']) => block,
  );

let spine: Spine;
let directory: string;
beforeAll(async () => {
  spine = await startSpine();
  directory = mkdtempSync(join(spine.home, 'operator-'));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(packageRoot(), join(directory, 'node_modules', 'countersign')); // npm install
  const superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  await superuser.query(`update people set roles = roles || '{operator}'::text[] where person in ('bob', 'carol')`);
  await superuser.query(`update people set roles = roles || '{admin}'::text[] where person = 'bob'`);
  await superuser.end();
}, 60_000);
afterAll(async () => await spine.stop());

const run = (block: string): Promise<[number | null, string]> =>
  runBlock(spine, directory, block, {
    TENANT: 'demo',
    ME: 'bob',
    COUNTERSIGN_TOKEN: spine.people.bob.token,
    SECOND_TOKEN: spine.people.carol.token,
    DATABASE_URL: spine.database.ownerUrl,
  });

it('there is a page for each', () => {
  const listed = [...readFileSync(join(DIRECTORY, 'README.md'), 'utf8').matchAll(/\]\((\d-[a-z-]+\.md)\)/g)];
  expect(listed.map(([, file]) => file)).toEqual(BOOKS);
  expect(BOOKS.length).toBeGreaterThan(3);
});

it.each(BOOKS.flatMap((file) => (file.startsWith('1-') ? [file, BEGIN] : [file])))(
  'S1 every command of %s runs as it is written',
  async (file) => {
    const blocks = blocksOf(file);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect([block, await run(block)]).toEqual([block, [0, expect.any(String)]]);
  },
  120_000,
);

it('and what they say is what happened', async () => {
  const { rows } = await spine.auditor.query<{ state: string; receipts: number }>(
    `select state, (select count(*)::integer from receipts) as receipts from agents where agent = 'invoice-clerk'`,
  );
  expect(rows).toEqual([{ state: 'offboarded', receipts: 1 }]);
  const paid = await spine.auditor.query(`select agent, state from actions where tenant = 'demo'`);
  expect(paid.rows).toEqual([{ agent: 'invoice-clerk', state: 'executed' }]);
  const events = await spine.auditor.query<{ event: string; to: string | null }>(
    `select leaf::jsonb -> 'entry' ->> 'event' as event, leaf::jsonb -> 'entry' ->> 'to' as to from ledger where tenant = 'demo' and key ~ '^(agent|proposal|fence)/' order by seq`,
  );
  expect(events.rows.map(({ event, to }) => (to === null ? event : `${event} ${to}`))).toEqual([
    ...['proposal.made', 'agent.registered', 'agent.moved active', 'proposal.confirmed'],
    ...['agent.enrolment_issued', 'agent.key_registered', 'agent.rotation_required'],
    ...['agent.key_revoked', 'agent.enrolment_issued', 'agent.key_registered'],
    ...['throttled', 'ask_always', 'read_only', 'paused', 'active', 'quarantined'].map((to) => `agent.moved ${to}`),
    ...['proposal.made', 'agent.moved active', 'proposal.confirmed'],
    ...['agent.version_changed', 'agent.version_changed'],
    ...['fence.moved', 'proposal.made', 'fence.moved', 'proposal.confirmed', 'fence.moved', 'fence.moved'],
    ...['agent.moved offboarding', 'agent.cut_off', 'agent.offboarded'],
    ...['agent.handed_over dana', 'agent.moved quarantined'],
    ...['proposal.made', 'agent.handed_over erin', 'agent.moved active', 'proposal.confirmed'],
  ]);
  expect(await checkInvariants(spine)).toEqual([]);
}, 60_000);

it('K1 a stop that a process has not confirmed in time says which one, by its exit code too', async () => {
  const superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  await superuser.query(`insert into processes (process, kind, moves_heard) values ('deaf', 'worker', 0)`);
  await superuser.end();
  const [code, said] = await run('countersign kill agent:invoice-agent --reason "a drill" --wait 1 --json');
  const deaf = expect.objectContaining({ process: 'deaf' }) as unknown;
  expect([code, JSON.parse(said)]).toMatchObject([4, { unheard: expect.arrayContaining([deaf]) as unknown }]);
  expect(await run('countersign stops')).toEqual([0, expect.stringMatching(/agent:invoice-agent[^]*deaf/)]);
});

it('a command that fails is noticed', async () => {
  expect((await run('countersign agents pause no-such-agent --reason x\ntrue'))[0]).not.toBe(0);
});
