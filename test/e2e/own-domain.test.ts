import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type ActionReport } from '../../client/action-handle';
import { waitUntil } from '../../stack/wait-until';
import { processesOfHome } from '../helpers/processes-of-home';
import { temporaryDirectory } from '../helpers/temporary-directory';
import { countersign, type DevProcess, type Ran, startDev } from './dev-process';
import { writeOwnPolicies } from './own-policies';
import { type OwnTarget, startOwnTarget } from './own-target';

/** A domain that was made up a moment ago: no line of this repository can know it. */
const WORD = `kiosk${randomBytes(4).toString('hex')}`;
const TYPE = `${WORD}.refund_order`;

let home: string;
let target: OwnTarget;
let dev: DevProcess;
let firstKey: string;

async function start(): Promise<void> {
  const policies = join(home, 'policies');
  if (!existsSync(policies)) {
    mkdirSync(policies);
    writeOwnPolicies(policies, WORD);
  }
  dev = await startDev({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: '0',
    COUNTERSIGN_ADMIN_PORT: '0',
    COUNTERSIGN_POLICIES: policies,
    [`COUNTERSIGN_TARGET_${WORD.toUpperCase()}`]: target.url,
  });
  target.trust(dev.ready.gateway);
}

beforeAll(async () => {
  home = temporaryDirectory();
  target = await startOwnTarget(WORD);
  await start();
  firstKey = dev.ready.agentKey;
});
afterAll(async () => {
  await dev.end('SIGTERM');
  await target.stop();
});

const say = (...args: string[]): Promise<Ran> => countersign(home, ...args);

async function ask(amountMinor: number, ...options: string[]): Promise<Ran & { readonly report: ActionReport }> {
  const path = join(home, 'refund.json');
  writeFileSync(path, JSON.stringify({ orderId: '17', amountMinor, currency: 'EUR' }));
  const ran = await say('try', TYPE, '-f', path, '--json', ...options);
  return { ...ran, report: JSON.parse(ran.out) as ActionReport };
}

async function approve(actionId: string): Promise<void> {
  const { approvals } = JSON.parse((await say('approvals', 'list', '--as', 'bob', '--json')).out);
  const [mine] = approvals.filter(({ action }: { action: string }) => action === actionId);
  const alice = await say('approvals', 'approve', mine.id, '--as', 'alice', '--yes');
  expect(alice).toMatchObject({ code: 1, err: expect.stringContaining('self_approval') });
  expect(await say('approvals', 'approve', mine.id, '--as', 'bob', '--yes')).toMatchObject({ code: 0 });
}

async function untilExecuted(actionId: string): Promise<void> {
  const look = async (): Promise<boolean> =>
    (await fromGateway<ActionReport>(`/v1/actions/${actionId}`)).outcome.kind === 'executed';
  await waitUntil(look, { what: `Action ${actionId} was not executed`, withinMs: 20_000 });
}

async function fromGateway<T>(path: string): Promise<T> {
  const { gateway, agentKey } = dev.ready;
  return (await (await fetch(gateway + path, { headers: { authorization: `Bearer ${agentKey}` } })).json()) as T;
}

const effectsOf = (actionId: string): readonly unknown[] =>
  target.effects.filter(({ token }) => token['act'] === actionId);

async function query(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: dev.ready.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('`npm start -- --json` with the policies of a domain that nobody here has seen', () => {
  it('prints one line that says all', () => {
    const url = (scheme: string): unknown =>
      expect.stringMatching(new RegExp(`^${scheme}://[^ ]*127\\.0\\.0\\.1:\\d+`));
    const token = expect.stringMatching(/^countersign_person_/);
    expect(dev.ready).toEqual({
      ready: true,
      gateway: url('http'),
      admin: url('http'),
      temporalUi: url('http'),
      temporal: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      databaseUrl: url('postgres(ql)?'),
      agentKey: expect.stringMatching(/^countersign_agent_/),
      people: expect.objectContaining({ alice: { token }, bob: { token } }),
    });
    expect(dev.lines()).toHaveLength(1);
  });

  it('serves that catalogue and no other', async () => {
    const catalogue = await fromGateway<{ actionTypes: readonly { id: string }[] }>('/v1/catalogue');
    expect(catalogue.actionTypes.map(({ id }) => id)).toEqual([TYPE]);
  });

  it('checks and tests those policies from the command line', async () => {
    expect(await say('policy', 'check', join(home, 'policies'))).toMatchObject({ code: 0 });
    expect(await say('policy', 'test', join(home, 'policies'))).toMatchObject({ code: 0 });
  });

  it('does a small thing at once, under a token that the target has verified', async () => {
    const { code, report } = await ask(1_200);
    expect([code, report.outcome.kind]).toEqual([0, 'executed']);
    expect(effectsOf(report.id)).toEqual([
      expect.objectContaining({
        body: { orderId: '17', amountMinor: 1_200, currency: 'EUR' },
        token: expect.objectContaining({ iss: 'countersign/effects', aud: WORD, op: 'createRefund', tenant: 'demo' }),
      }),
    ]);
  });

  it('denies what the rules of that domain deny', async () => {
    const { code, report } = await ask(9_000);
    expect(code).toBe(1);
    expect(report.outcome).toMatchObject({ kind: 'denied', reasons: [{ code: `${WORD}.over_total` }] });
    expect(effectsOf(report.id)).toEqual([]);
  });

  it('waits with a large thing for Bob, and not for Alice, and does it once', async () => {
    const { code, report } = await ask(3_500, '--wait', '0');
    expect([code, report.outcome.kind]).toEqual([4, 'pending']);
    expect(effectsOf(report.id)).toEqual([]);
    await approve(report.id);
    await untilExecuted(report.id);
    expect(effectsOf(report.id)).toHaveLength(1);
    expect(target.refused).toEqual([]);
  });

  it('hands out a database URL that reads and cannot write', async () => {
    expect(await query(`select count(*)::int as actions from actions`)).toEqual([{ actions: 3 }]);
    for (const statement of [
      `insert into tenants (tenant, name) values ('x', 'x')`,
      `update actions set state = 'executed'`,
      `delete from ledger`,
      `create table mine ()`,
      `create temporary table mine ()`,
    ]) {
      await expect(query(statement)).rejects.toThrow(/read-only transaction/);
      await expect(query(`begin read write; ${statement}`)).rejects.toThrow(/permission denied/);
    }
  });

  it('shows in Temporal’s UI what runs, and on whom it waits, to that UI alone', async () => {
    const { temporalUi } = dev.ready;
    expect((await fetch(temporalUi)).status).toBe(200);
    const settings = (await (await fetch(`${temporalUi}/api/v1/settings`)).json()) as { Codec: { Endpoint: string } };
    const { id } = (await ask(3_600, '--wait', '0')).report;
    const path = `/api/v1/namespaces/countersign/workflows/${encodeURIComponent(`action/demo/${id}`)}/history`;
    const { history } = (await (await fetch(temporalUi + path)).json()) as any;
    const { payloads } = history.events[0].workflowExecutionStartedEventAttributes.input;
    const decode = async (origin: string): Promise<Response> =>
      await fetch(`${settings.Codec.Endpoint}/decode`, {
        method: 'POST',
        headers: { origin, 'x-namespace': 'countersign', 'content-type': 'application/json' },
        body: JSON.stringify({ payloads }),
      });
    const decoded = (await (await decode(temporalUi)).json()) as { payloads: readonly { data: string }[] };
    expect(JSON.parse(Buffer.from(decoded.payloads[0]?.data ?? '', 'base64').toString())).toEqual({
      tenant: 'demo',
      actionId: id,
    });
    expect((await decode('http://elsewhere.example')).status).toBe(403);
    await say('actions', 'cancel', id, '--as', 'agent');
  });

  it('has evidence that verifies, from the command line beside it', async () => {
    expect(await say('ledger', 'verify')).toMatchObject({ code: 0, out: expect.stringContaining('verified: demo') });
  });
});

describe('stopped and started again', () => {
  it('Ctrl-C ends everything with exit code 0, and the next start goes on where it was', async () => {
    const { id } = (await ask(3_700, '--wait', '0')).report;
    expect(processesOfHome(home).length).toBeGreaterThan(4); // itself, gateway, worker, Postgres, Temporal
    expect(await dev.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(processesOfHome(home)).toEqual([]);
    expect(existsSync(join(home, 'stack.json'))).toBe(false);

    await start();
    expect(dev.ready.agentKey).toBe(firstKey);
    expect((await fromGateway<ActionReport>(`/v1/actions/${id}`)).outcome.kind).toBe('pending');
    await approve(id);
    await untilExecuted(id);
    expect(effectsOf(id)).toHaveLength(1);
  });

  it('kill -9 leaves nothing running, and the next start goes on where it was', async () => {
    const { id } = (await ask(3_800, '--wait', '0')).report;
    expect(await dev.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    await waitUntil(() => processesOfHome(home).length === 0, {
      what: 'Something was still running',
      withinMs: 25_000,
    });
    expect(await say('ledger', 'verify')).toMatchObject({ code: 2, err: expect.stringContaining('start the stack') });

    await start();
    await approve(id);
    await untilExecuted(id);
    expect(effectsOf(id)).toHaveLength(1);
    expect(await say('ledger', 'verify')).toMatchObject({ code: 0, out: expect.stringContaining('verified: demo') });
    expect(target.refused).toEqual([]);
  });
});
