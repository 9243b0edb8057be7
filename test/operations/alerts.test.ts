import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { parse } from 'yaml';
import { packageRoot } from '../../config/paths';
import { freePort } from '../../config/free-port';
import { waitUntil } from '../../stack/wait-until';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../telemetry/metrics';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { runBlock } from './run-block';
import { type Prometheus, startPrometheus } from './start-prometheus';
import { readRunbooks } from './runbooks';

/* Alerts, dashboard and runbooks, on processes that run: queries in a real Prometheus, commands in a real shell. */

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const TOKEN = 'metrics-token-of-the-test';
const OBSERVABILITY = join(packageRoot(), 'deploy', 'observability');
const rules = (
  parse(readFileSync(join(OBSERVABILITY, 'alerts.yaml'), 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(join(OBSERVABILITY, 'grafana', 'countersign.json'), 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
const panels = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }): [string, string] => [title, expr.replaceAll('$__rate_interval', '10s')]),
);

let spine: Spine;
let prometheus: Prometheus;
let superuser: Client;
let directory: string;
let workerUrl: string;

/** Building it takes minutes, once on a machine. */
const BUILD_MS = 30 * 60_000;

beforeAll(async () => {
  const workerPort = await freePort();
  workerUrl = `http://127.0.0.1:${String(workerPort)}`;
  // As the deployment has it: that of agents and approvers is read too, at a port for nothing else.
  const metricsPort = String(await freePort());
  const settings = {
    COUNTERSIGN_METRICS_PORT: metricsPort,
    COUNTERSIGN_WORKER_PORT: String(workerPort),
    COUNTERSIGN_METRICS_TOKEN: TOKEN,
  };
  spine = await startSpine({ settings: () => Promise.resolve(settings) });
  directory = mkdtempSync(join(spine.home, 'operator-'));
  superuser = new Client({ connectionString: spine.database.superuserUrl });
  await superuser.connect();
  prometheus = await startPrometheus({
    directory,
    token: TOKEN,
    rules: join(OBSERVABILITY, 'alerts.yaml'),
    jobs: {
      'countersign-gateway': `127.0.0.1:${metricsPort}`,
      'countersign-worker': new URL(workerUrl).host,
    },
  });
}, BUILD_MS);
afterAll(async () => {
  await prometheus.stop();
  await superuser.end();
  await spine.stop();
});

const query = async (expr: string): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> =>
  (
    await prometheus.api<{ result: { metric: Record<string, string>; value: [number, string] }[] }>('query', {
      query: expr,
    })
  ).result;
const exprOf = (alert: string): string => {
  const rule = rules.find((each) => each.alert === alert);
  if (rule === undefined) throw new Error(`there is no alert ${alert}`);
  return rule.expr;
};
const becomesTrue = async (alert: string): Promise<void> =>
  await waitUntil(async () => (await query(exprOf(alert))).length > 0, {
    what: `${alert} stayed false`,
    withinMs: 60_000,
  });
const becomesFalse = async (alert: string): Promise<void> =>
  await waitUntil(async () => (await query(exprOf(alert))).length === 0, {
    what: `${alert} stayed true`,
    withinMs: 60_000,
  });

/** A node of a parsed query, as Prometheus gives it. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly matchers?: readonly { readonly name: string }[];
  readonly grouping?: readonly string[];
  readonly [child: string]: unknown;
}

function nodesOf(node: unknown): Node[] {
  if (Array.isArray(node)) return node.flatMap(nodesOf);
  if (typeof node !== 'object' || node === null) return [];
  const own = 'type' in node ? [node as Node] : [];
  return [...own, ...Object.values(node).flatMap(nodesOf)];
}

const described: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...COUNTERS, ...GAUGES, ...HISTOGRAMS }).map(([name, { labels }]) => [name, labels]),
);

/** What a query names that no process of ours tells. */
async function unknownIn(expr: string): Promise<string[]> {
  const nodes = nodesOf(await prometheus.api('parse_query', { query: expr }));
  const metrics = nodes.flatMap(({ type, name }) =>
    /^(vector|matrix)Selector$/.test(type) && name !== undefined ? [name] : [],
  );
  const labels = nodes.flatMap(({ matchers = [], grouping = [] }) => [
    ...matchers.map(({ name }) => name),
    ...grouping,
  ]);
  const unknown: string[] = [];
  const has = new Set(['__name__', 'job', 'instance', 'le']);
  for (const name of metrics) {
    // A busy process may miss a reading, and its series are gone until the next.
    const series = await query(`last_over_time(${name}[5m])`);
    const family = name.replace(/_bucket$/, '');
    if (series.length === 0 && !described.has(family)) unknown.push(name);
    for (const label of [...(described.get(family) ?? []), ...series.flatMap(({ metric }) => Object.keys(metric))])
      has.add(label);
  }
  return [...unknown, ...labels.filter((label) => !has.has(label))];
}

it('nothing is alarmed about while all is well', async () => {
  for (const { alert } of rules) {
    await becomesFalse(alert);
  }
});

// First of the alerts: Temporal's own count is told from the first failure on.
it('an alert says that a workflow cannot go on', async () => {
  const client = await clientOf(spine);
  const options = { taskQueue: 'actions', workflowId: 'of-no-release' };
  const handle = await client.workflow.start('workflowOfNoRelease', { ...options, args: [] });
  await becomesTrue('CountersignWorkflowsStuck');
  await handle.terminate();
  await client.connection.close();
});

it('every query of the dashboard and every alert is understood, and names what the processes tell', async () => {
  await pay(spine, invoice());
  const { id } = await pay(spine, largeInvoice());
  await vote(spine, 'bob', id, 'approve');
  await ended(spine, id);
  await waitUntil(async () => (await query('countersign_actions_settled_total{ending="executed"}')).length > 0, {
    what: 'Prometheus did not read the worker',
    withinMs: 60_000,
  });
  await waitUntil(async () => (await query('last_over_time(nodejs_version_info[5m])')).length > 0, {
    what: 'Prometheus did not read the gateway',
    withinMs: 60_000,
  });
  expect(panels.length).toBeGreaterThan(20);
  for (const [title, expr] of [...panels, ...rules.map(({ alert, expr }): [string, string] => [alert, expr])]) {
    await query(expr);
    expect([title, await unknownIn(expr)]).toEqual([title, []]);
  }
  expect(await unknownIn('sum by (person) (countersign_votes_total) + countersign_made_up')).toEqual([
    'countersign_made_up',
    'person',
  ]);
  const loaded = await prometheus.api<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>(
    'rules',
  );
  const health = loaded.groups
    .flatMap((group) => group.rules)
    .map(({ name, health, lastError }) => [name, health, lastError]);
  expect(health).toEqual(rules.map(({ alert }) => [alert, 'ok', undefined]));
});

describe('an alert', () => {
  it('says that a task waits, that a revocation is overdue, and that a bundle is stale', async () => {
    const { id } = await pay(spine, invoice());
    await superuser.query(
      `insert into tasks (tenant, task, action, step, kind) values ('demo', 'task-of-the-test', $1, 'pay', 'unknown_outcome')`,
      [id],
    );
    await superuser.query(
      `insert into grants (tenant, grant_id, action, step, agent, target, state, expires_at, next_revoke_at)
       select tenant, 'grant-of-the-test', action, 'pay', agent, 'payments', 'created', now() - interval '1 hour', now() + interval '1 hour' from actions where action = $1`,
      [id],
    );
    await superuser.query(
      `insert into bundles (digest, version, signed) select 'sha256:' || repeat('f', 64), max(version) + 1, '{}' from bundles`,
    );
    const alerts = ['CountersignTaskWaits', 'CountersignRevocationOverdue', 'CountersignBundleStale'];
    for (const alert of alerts) await becomesTrue(alert);
    await superuser.query(`delete from bundles where digest = 'sha256:' || repeat('f', 64)`);
    await superuser.query(`delete from tasks where task = 'task-of-the-test'`);
    await superuser.query(
      `update grants set state = 'revoked', ended_by = 'expired' where grant_id = 'grant-of-the-test'`,
    );
    for (const alert of alerts) await becomesFalse(alert);
  });

  it('says that a worker and a gateway do not answer', async () => {
    await spine.worker().stop();
    await becomesTrue('CountersignWorkerDown');
    await spine.startWorker();
    await becomesFalse('CountersignWorkerDown');
    await spine.gateway().stop();
    for (const alert of ['CountersignGatewayDown', 'CountersignNobodyMeasures']) await becomesTrue(alert);
    await spine.startGateway();
    for (const alert of ['CountersignGatewayDown', 'CountersignNobodyMeasures']) await becomesFalse(alert);
  });
});

describe('runbooks', () => {
  const books = readRunbooks();

  it('each alert leads to one that names it, and each alert that one names exists', () => {
    for (const { alert, annotations } of rules)
      expect([alert, books.find(({ path }) => path === annotations.runbook)?.text.includes(`\`${alert}\``)]).toEqual([
        alert,
        true,
      ]);
    const named = books.flatMap(({ text: words }) =>
      [...words.matchAll(/`(Countersign[A-Z]\w+)`/g)].map(([, name]) => name),
    );
    expect(new Set(named)).toEqual(new Set(rules.map(({ alert }) => alert)));
    expect(
      books.filter(({ text: words }) => !['## Look', '## Do', '## Done when'].every((part) => words.includes(part))),
    ).toEqual([]);
  });

  it.each(books.map(({ path, blocks }): [string, readonly string[]] => [path, blocks]))(
    'every command of %s runs as it is written',
    async (_, blocks) => {
      const { id } = await pay(spine, invoice());
      const task = `task-${id}`;
      await superuser.query(
        `insert into tasks (tenant, task, action, step, kind) values ('demo', $2, $1, 'pay', 'unknown_outcome')`,
        [id, task],
      );
      expect(blocks.length).toBeGreaterThan(0);
      for (const block of blocks)
        expect([block, await run(block, { ACTION: id, TASK: task })]).toEqual([block, [0, expect.any(String)]]);
      await superuser.query('delete from tasks where task = $1', [task]);
    },
    120_000,
  );

  it('a command that fails is noticed', async () => {
    expect((await run('countersign tasks resolve no-such-task happened --reason x\ntrue', {}))[0]).not.toBe(0);
  });

  const run = (block: string, more: Readonly<Record<string, string>>): Promise<[number | null, string]> =>
    runBlock(spine, directory, block, {
      COUNTERSIGN_WORKER_URL: workerUrl,
      COUNTERSIGN_TOKEN: spine.people.bob.token,
      COUNTERSIGN_METRICS_TOKEN: TOKEN,
      ...more,
    });
});
