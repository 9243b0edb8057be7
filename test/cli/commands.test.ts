import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishAddresses } from '../../stack/published-addresses';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { type Harness, PARAMS, secret, startHarness, TYPE } from '../gateway/harness';

let h: Harness;
let home: string;
beforeAll(async () => {
  h = await startHarness();
  home = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  const people = Object.fromEntries(['olga', 'bob', 'max'].map((who) => [who, { token: secret(who) }]));
  writeFileSync(join(home, 'demo.json'), JSON.stringify({ agentKey: secret('agent'), people }));
  writeFileSync(join(home, 'params.json'), JSON.stringify(PARAMS));
  writeFileSync(join(home, 'twice.json'), '{"box":"b-1","box":"b-2"}');
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await h.stop();
});

const countersign = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  runCountersign(args, {
    ...{ NO_COLOR: '1', COUNTERSIGN_HOME: home, COUNTERSIGN_URL: h.url, COUNTERSIGN_ADMIN_URL: h.adminUrl },
    ...env,
  });

const settle = async (id: string, outcome: object, state: string): Promise<void> => {
  await h.superuser.query('update actions set state = $3, outcome = $2::jsonb, settled_at = now() where action = $1', [
    id,
    JSON.stringify(outcome),
    state,
  ]);
};

describe('try', () => {
  test('follows an action to its end and says how it went', async () => {
    h.play.submit = async ({ actionId }) => (
      setTimeout(
        () =>
          void settle(actionId, { kind: 'executed', say: 'This was done.', result: { move: { id: 'm' } } }, 'executed'),
        1_500,
      ),
      'answered'
    );
    const ran = await countersign(['try', TYPE, '-f', join(home, 'params.json'), '--key', 'k1']);
    expect(ran).toMatchObject({ code: 0, out: 'executed: This was done.\n{"move":{"id":"m"}}\n' });
    expect(ran.err).toContain('Nothing has happened yet.');
    expect(ran.err).toContain('Next: countersign actions show act-');
  });

  test('a denial exits 1, with its reason', async () => {
    const reasons = [{ code: 'floor.heavy', message: 'Too heavy.', remedy: 'Split it.' }];
    h.play.submit = async ({ actionId }) => (
      await settle(actionId, { kind: 'denied', say: 'No.', reasons }, 'denied'),
      'answered'
    );
    const ran = await countersign(['try', TYPE, '-f', join(home, 'params.json'), '--json']);
    h.play.submit = () => Promise.resolve('answered');
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out).outcome.reasons).toEqual(reasons);
  });

  test('what is still pending exits 4', async () => {
    expect((await countersign(['try', TYPE, '-f', join(home, 'params.json'), '--wait', '0'])).code).toBe(4);
  });

  test.each([
    [['try', TYPE], 2, '-f, --file'],
    [['try', TYPE, '-f', '/nowhere.json'], 2, 'cannot be read'],
    [['try', 'nothing.here', '-f', 'HOME/params.json'], 1, 'unknown_action_type'],
    [['try', TYPE, '-f', 'HOME/twice.json'], 2, 'same name twice'],
    [['try', TYPE, '-f', 'HOME/params.json', '--wait', 'soon'], 2, 'whole seconds'],
    [['try', TYPE, '-f', 'HOME/params.json', '--url', 'http://127.0.0.1:1'], 3, 'does not answer'],
    [['no-such-command'], 2, 'unknown command'],
  ])('%j exits %d', async (args, code, words) => {
    const ran = await countersign(args.map((arg) => arg.replace('HOME', home)));
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toContain(words);
    expect(ran.err).not.toMatch(/^\s+at /m);
  });
});

describe('a stack on this machine', () => {
  let takeBack: () => void;
  beforeAll(() => {
    const temporal = { address: '127.0.0.1:1', namespace: 'countersign' };
    const elsewhere = { databaseUrl: 'postgres://127.0.0.1:1/none', temporalUi: null, temporal, bundle: 'none' };
    takeBack = publishAddresses(home, { gateway: h.url, admin: h.adminUrl, ...elsewhere });
  });
  afterAll(() => takeBack());

  const list = (COUNTERSIGN_URL: string): Promise<Ran> =>
    countersign(['agents', 'list', '--as', 'olga'], { COUNTERSIGN_URL, COUNTERSIGN_ADMIN_URL: '' });

  test('answers operators who name no gateway, or its own', async () => {
    for (const url of ['', h.url]) expect((await list(url)).code).toBe(0);
  });

  test('hears nothing that is meant for another gateway', async () => {
    const ran = await list('https://countersign.example.org');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('Say where it answers operators: --admin-url, COUNTERSIGN_ADMIN_URL.');
  });
});

describe('approvals', () => {
  const open = async (): Promise<{ id: string; action: string }> => {
    const action = (
      await h.act({ json: { type: TYPE, params: { ...PARAMS, note: 'left\u202eright' }, because: 'zero\u200bwidth' } })
    ).body.id;
    return { ...(await h.openApproval(action)), action };
  };

  test('are listed for the person who may decide them, and for nobody else', async () => {
    const { id } = await open();
    expect((await countersign(['approvals', 'list', '--as', 'bob'])).out).toContain(id);
    const olga = await countersign(['approvals', 'list', '--as', 'olga']);
    expect(olga).toMatchObject({ code: 0, out: '' });
    expect(olga.err).toContain('Nothing waits for you.');
  });

  test('are shown complete, with what hides in them, and the digest computed again', async () => {
    const { id } = await open();
    const { out } = await countersign(['approvals', 'show', id, '--as', 'bob']);
    expect(out).toContain('Move b-17 off s-3');
    expect(out).toContain('note = "left\\u{202e}right"');
    expect(out).toContain('zero\\u{200b}width');
    expect(out).toContain('computed here from what is shown: the same');
  });

  test('are approved on the digest that was shown', async () => {
    const { id } = await open();
    const ran = await countersign(['approvals', 'approve', id, '--as', 'bob', '--yes', '--json']);
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      0,
      { request: id, choice: 'approve', recorded: true, before: false },
    ]);
    expect(
      (await h.superuser.query('select choice, channel, person from votes where request = $1', [id])).rows,
    ).toEqual([{ choice: 'approve', channel: 'cli', person: 'bob' }]);
  });

  test('are not decided without a yes', async () => {
    const { id } = await open();
    const ran = await countersign(['approvals', 'approve', id, '--as', 'bob']);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect((await countersign(['approvals', 'deny', id, '--as', 'bob', '--yes'])).code).toBe(2);
    expect((await h.superuser.query('select from votes where request = $1', [id])).rowCount).toBe(0);
  });

  test.each([
    ['parameters', `update actions set params = params || '{"weightGrams": 99999}' where action = $1`],
    ['facts', `update action_rounds set facts = facts || '{"added": 1}' where action = $1`],
  ])('X13 are not decided when the digest is not that of the %s that are shown', async (_, change) => {
    const { id, action } = await open();
    await h.superuser.query(change, [action]);
    const ran = await countersign(['approvals', 'approve', id, '--as', 'bob', '--yes']);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('Do not decide on it');
    expect((await h.superuser.query('select from votes where request = $1', [id])).rowCount).toBe(0);
  });

  test('X8 of what one owns are refused, with the code', async () => {
    const { id } = await open();
    const ran = await countersign(['approvals', 'deny', id, '--as', 'olga', '--yes', '--reason', 'mine']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('(self_approval)');
  });

  test('need to know who asks', async () => {
    const nobody = await countersign(['approvals', 'list']);
    expect(nobody.code).toBe(2);
    expect(nobody.err).toContain('--as bob');
    expect((await countersign(['approvals', 'list', '--as', 'mallory'])).code).toBe(2);
    expect((await countersign(['approvals', 'list'], { COUNTERSIGN_TOKEN: secret('bob') })).code).toBe(0);
    expect((await countersign(['approvals', 'list', '--token', 'x'.repeat(40)])).code).toBe(1);
  });
});

describe('actions and tasks', () => {
  test('an operator sees every agent, an agent its own', async () => {
    const { id } = (await h.act({ as: 'other-agent' })).body;
    expect((await countersign(['actions', 'list', '--as', 'max'])).out).toContain(id);
    expect((await countersign(['actions', 'list', '--as', 'agent'])).out).not.toContain(id);
    expect((await countersign(['actions', 'show', id, '--as', 'max'])).out).toContain('pending: It is recorded');
    expect((await countersign(['actions', 'show', id, '--as', 'agent'])).code).toBe(1);
    expect((await countersign(['actions', 'cancel', id, '--as', 'max'])).code).toBe(0);
    expect(
      (await h.superuser.query('select cancel_requested_by as by from actions where action = $1', [id])).rows,
    ).toEqual([{ by: 'person:max' }]);
  });

  test('a task is found and resolved', async () => {
    const { id } = (await h.act()).body;
    const task = `${id}.move.unknown_outcome`;
    await h.superuser.query(
      `insert into tasks (tenant, task, action, step, kind) values ('acme', $1, $2, 'move', 'unknown_outcome')`,
      [task, id],
    );
    expect((await countersign(['tasks', 'list', '--as', 'max'])).out).toContain(task);
    const ran = await countersign([
      'tasks',
      'resolve',
      task,
      'did-not-happen',
      '--reason',
      'looked',
      '--as',
      'max',
      '--json',
    ]);
    expect([ran.code, JSON.parse(ran.out).resolution]).toEqual([0, 'did_not_happen']);
    expect((await countersign(['tasks', 'resolve', task, 'perhaps', '--reason', 'x', '--as', 'max'])).code).toBe(2);
  });
});
