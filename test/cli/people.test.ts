import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { type Harness, startHarness } from '../gateway/harness';

let h: Harness;
let home: string;
beforeAll(async () => {
  h = await startHarness();
  home = mkdtempSync(join(tmpdir(), 'countersign-people-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await h.stop();
});

const countersign = (args: readonly string[], token?: string): Promise<Ran> =>
  runCountersign(args, {
    ...{ NO_COLOR: '1', COUNTERSIGN_HOME: home, COUNTERSIGN_URL: h.url, COUNTERSIGN_ADMIN_URL: h.adminUrl },
    ...(token !== undefined && { COUNTERSIGN_TOKEN: token }),
  });

const init = (...args: readonly string[]): Promise<Ran> =>
  countersign(['init', '--tenant', 'newly', '--database-url', h.database.ownerUrl, ...args]);

test('from the first admin to an approver who is logged in, by commands alone', async () => {
  const offered = await init('--admin', 'Robin@example.org', '--name', 'Robin Vale');
  expect(offered).toMatchObject({ code: 0, err: expect.stringContaining('becomes the admin robin of newly') });
  const redeemed = await countersign(['init', '--redeem', offered.out.trim()]);
  expect(redeemed.code).toBe(0);
  const robin = redeemed.out.trim();
  expect((await countersign(['init', '--redeem', offered.out.trim()])).err).toContain('init_closed');
  expect(await init('--admin', 'eve@example.org')).toMatchObject({ code: 1, out: '' });

  const people = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await countersign(['people', ...args, '--reason', 'a test'], robin);
    expect([args, ran.code, ran.err]).toEqual([args, 0, expect.any(String)]);
    return ran;
  };
  await people('add', 'dana', '--name', 'Dana Osei', '--address', 'dana@example.org');
  await people('add', 'dana-two', '--name', 'Dana at home');
  await people('role', 'grant', 'dana', 'approver', '--in', 'production');
  await people('role', 'grant', 'dana', 'operator');
  await people('group', 'join', 'dana', 'keepers');
  await people('link', 'dana', '--slack', 'T1/U1');
  await people('same', 'dana-two', 'dana');
  const token = (await people('token', 'issue', 'dana', '--hours', '2')).out.trim();
  const { out } = await countersign(['people', 'list'], robin);
  const lines = out.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 5).join(' | '));
  expect(lines).toContain(
    'dana | Dana Osei | operator, approver in production | keepers | dana@example.org, slack T1/U1, the same human as dana-two',
  );
  expect(lines).toContain('robin | Robin Vale | admin | - | Robin@example.org');
  expect((await countersign(['people', 'list'], token)).err).toContain('forbidden');

  expect((await people('admin', 'propose', 'dana-two')).err).toContain('countersign people admin confirm dana-two');
  const confirm = ['people', 'admin', 'confirm', 'dana-two', '--reason', 'a test'];
  expect((await countersign(confirm, robin)).err).toContain('second_person_needed');
  expect((await countersign(confirm, token)).err).toContain('second_person_needed'); // the same human
  await people('token', 'revoke', 'dana');
  expect((await countersign(confirm, token)).err).toContain('unauthenticated');
  await people('unlink', 'dana', '--slack', 'T1', '--address');
  await people('leave', 'dana');
  expect((await countersign(['people', 'list', '--json'], robin)).out).toContain('"state":"left"');
}, 180_000);

test.each([
  [['--admin', '"a@evil.com x"@corp.com'], 'no plain mail address'],
  [['--admin', 'a_b@corp.com'], '--person'],
  [['--admin', 'a@corp.com', '--name', 'A\nB'], '--name'],
  [[], 'Give one of'],
])('init %j is not understood', async (args, words) => {
  const ran = await init(...args);
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toContain(words);
});

test('an agent that is due is shown, and kept or ended by somebody who does not stand behind it', async () => {
  const due = (agent: string): Promise<unknown> =>
    h.superuser.query(
      `update agent_reviews set stage = 'due', due_at = now() + interval '3 days', stage_watched = '0' where tenant = 'acme' and agent = $1`,
      [agent],
    );
  const reviews = (...args: readonly string[]): Promise<Ran> =>
    countersign(['agents', 'reviews', ...args], 'test-secret-of-bob-0123456789');
  await due('agent');
  await due('other-agent');
  expect((await reviews()).out).toMatch(/ due +in 3 d/);
  const [unreasoned, kept, ended] = await Promise.all([
    reviews('agent', '--keep', '--yes'),
    reviews('agent', '--keep', '--reason', 'still needed', '--yes'),
    reviews('other-agent', '--end', '--reason', 'over', '--yes'),
  ]);
  expect(unreasoned.code).not.toBe(0);
  expect(kept).toMatchObject({ code: 0, err: expect.stringContaining('dataScopes = []') });
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('offboarding') });
  expect(await reviews()).toMatchObject({ code: 0, out: '', err: expect.stringContaining('Nothing is due') });
});
