import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { packageRoot } from '../../config/paths';
import { findTool } from '../../stack/find-tool';
import { testServers } from '../setup/servers';

/* When each alert fires and when it does not, in Prometheus' own time: minutes of it pass in a moment here. */

interface Rule {
  readonly alert: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

/** Values by series, as `promtool` writes them: `a+bxn` grows by b, n times. */
type World = Readonly<Record<string, string>>;

interface Trouble {
  /** What is other than in a healthy world; `null`: nobody tells it. */
  readonly instead: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** As its summary says it. */
  readonly value?: string;
}

const RULES = join(packageRoot(), 'deploy', 'observability', 'alerts.yaml');
const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

/** A quarter of a minute each, and twenty minutes of them. */
const EVERY_SECONDS = 15;
const constantly = (value: number): string => `${String(value)}x80`;
const growing = (by: number): string => `0+${String(by)}x80`;

const GATEWAY = 'up{job="countersign-gateway",instance="g:1"}';
const WORKER = 'up{job="countersign-worker",instance="w:1"}';
const SLOW = (le: string): string => `countersign_http_request_seconds_bucket{route="/v1/approvals",le="${le}"}`;

/** As near to trouble as nobody has to be woken for. */
const HEALTHY: World = {
  [GATEWAY]: constantly(1),
  [WORKER]: constantly(1),
  'countersign_open_actions{state="waiting"}': constantly(3),
  'countersign_pollers{queue="effects"}': constantly(1),
  'countersign_pollers{queue="control"}': constantly(1),
  countersign_temporal_up: constantly(1),
  countersign_outbox_age_seconds: constantly(120),
  countersign_database_up: constantly(1),
  countersign_untold_notices: constantly(0),
  countersign_overdue_revocations: constantly(0),
  'countersign_open_tasks{kind="unknown_outcome"}': constantly(0),
  'countersign_open_tasks{kind="undo_stuck"}': constantly(0),
  'countersign_checkpoint_failures_total{outcome="refused"}': constantly(1),
  'countersign_checkpoint_failures_total{outcome="failed"}': growing(1),
  countersign_unanchored_ledger_seconds: constantly(120),
  countersign_ledger_failures_total: constantly(2),
  countersign_bundle_in_force_version: constantly(7),
  'countersign_bundle_loaded_version{instance="g:1"}': constantly(7),
  'countersign_bundle_loaded_version{instance="w:1"}': constantly(8),
  'temporal_workflow_task_execution_failed{instance="w:1"}': constantly(1),
  'countersign_loop_rounds_total{loop="outbox",result="failed"}': growing(0.2),
  'countersign_loop_rounds_total{loop="outbox",result="ok"}': growing(30),
  'countersign_http_requests_total{status="200"}': growing(96),
  'countersign_http_requests_total{status="503"}': growing(4),
  [SLOW('0.5')]: growing(90),
  [SLOW('1')]: growing(97),
  [SLOW('2')]: growing(100),
  [SLOW('+Inf')]: growing(100),
  'countersign_strangers_total{kind="agent"}': growing(9 * EVERY_SECONDS),
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  CountersignGatewayDown: {
    instead: { [GATEWAY]: constantly(0) },
    labels: { job: 'countersign-gateway', instance: 'g:1' },
  },
  CountersignNobodyMeasures: { instead: { 'countersign_open_actions{state="waiting"}': null } },
  CountersignWorkerDown: {
    instead: { [WORKER]: constantly(0) },
    labels: { job: 'countersign-worker', instance: 'w:1' },
  },
  CountersignNoPollers: {
    instead: { 'countersign_pollers{queue="effects"}': constantly(0) },
    labels: { queue: 'effects' },
  },
  CountersignTemporalDown: { instead: { countersign_temporal_up: constantly(0) } },
  CountersignOutboxOld: { instead: { countersign_outbox_age_seconds: constantly(121.4) }, value: '121' },
  CountersignDatabaseDown: { instead: { countersign_database_up: constantly(0) } },
  CountersignChannelFails: { instead: { countersign_untold_notices: constantly(1) }, value: '1' },
  CountersignRevocationOverdue: { instead: { countersign_overdue_revocations: constantly(1) }, value: '1' },
  CountersignTaskWaits: {
    instead: { 'countersign_open_tasks{kind="undo_stuck"}': constantly(2) },
    labels: { kind: 'undo_stuck' },
    value: '2',
  },
  CountersignLedgerRefused: {
    instead: { 'countersign_checkpoint_failures_total{outcome="refused"}': growing(1) },
  },
  CountersignLedgerUnanchored: { instead: { countersign_unanchored_ledger_seconds: constantly(121.4) }, value: '121' },
  CountersignLedgerFails: { instead: { countersign_ledger_failures_total: growing(1) } },
  CountersignBundleStale: { instead: { 'countersign_bundle_loaded_version{instance="g:1"}': constantly(6) } },
  CountersignWorkflowsStuck: { instead: { 'temporal_workflow_task_execution_failed{instance="w:1"}': growing(1) } },
  CountersignLoopFails: {
    instead: { 'countersign_loop_rounds_total{loop="outbox",result="failed"}': growing(1) },
    labels: { loop: 'outbox' },
  },
  CountersignErrors: { instead: { 'countersign_http_requests_total{status="503"}': growing(6) } },
  CountersignSlow: {
    instead: { [SLOW('0.5')]: growing(25), [SLOW('1')]: growing(75), [SLOW('2')]: growing(100) },
    value: '1.8',
  },
  CountersignStrangers: {
    instead: { 'countersign_strangers_total{kind="agent"}': growing(20 * EVERY_SECONDS) },
    labels: { kind: 'agent' },
    value: '20',
  },
};

/** Long after every rate over five minutes and every patience of five. */
const LATE = '15m';

const secondsOf = (duration: string): number => Number(/^(\d+)m$/.exec(duration)?.[1]) * 60;

/** As Prometheus fills them in. */
function firing({ labels, annotations }: Rule, trouble: Trouble): object {
  const summary = annotations.summary
    .replaceAll(/\{\{ (printf "[^"]+" )?\$value \}\}/g, trouble.value ?? '')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => trouble.labels?.[name] ?? '');
  return { exp_labels: { ...labels, ...trouble.labels }, exp_annotations: { ...annotations, summary } };
}

let directory: string;
let promtool: string;
/** Building it takes a minute or two, once on a machine, where Prometheus was built before. */
beforeAll(async () => {
  directory = mkdtempSync(join(testServers().directory, 'alert-rules-'));
  promtool = await findTool('promtool', (line) => process.stderr.write(`${line}\n`));
}, 30 * 60_000);

/** What `promtool` says against it, in a world that is healthy but for this; every alert that is not named is to be silent. */
async function objections(name: string, instead: Trouble['instead'], expected: readonly object[]): Promise<string> {
  const world = Object.entries({ ...HEALTHY, ...instead }).filter(([, values]) => values !== null);
  const path = join(directory, `${name}.yaml`);
  const interval = `${String(EVERY_SECONDS)}s`;
  const test = {
    interval,
    input_series: world.map(([series, values]) => ({ series, values })),
    alert_rule_test: expected,
  };
  writeFileSync(path, stringify({ rule_files: [RULES], evaluation_interval: interval, tests: [test] }));
  try {
    await promisify(execFile)(promtool, ['test', 'rules', path]);
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`;
  }
}

const silent = (except?: string): object[] =>
  rules
    .filter(({ alert }) => alert !== except)
    .map(({ alert }) => ({ eval_time: LATE, alertname: alert, exp_alerts: [] }));

test('in a healthy world, however near to trouble, nobody is woken', async () => {
  expect(await objections('healthy', {}, silent())).toBe('');
});

test.each(rules.map((rule): [string, Rule] => [rule.alert, rule]))(
  '%s fires after as long as it says, and alone',
  async (alert, rule) => {
    const trouble = TROUBLES[alert];
    if (trouble === undefined) throw new Error(`nobody has thought of what makes ${alert} fire`);
    const patience = secondsOf(rule.for);
    const before = { eval_time: `${String(Math.max(0, patience - EVERY_SECONDS))}s`, alertname: alert, exp_alerts: [] };
    const after = { eval_time: LATE, alertname: alert, exp_alerts: [firing(rule, trouble)] };
    expect(await objections(alert, trouble.instead, [before, after, ...silent(alert)])).toBe('');
  },
);

test('what is said of an alert that does not fire, or fires otherwise, is noticed', async () => {
  const [rule] = rules;
  if (rule === undefined) throw new Error('there is no rule');
  const trouble = TROUBLES[rule.alert] ?? { instead: {} };
  const fires = { eval_time: LATE, alertname: rule.alert, exp_alerts: [firing(rule, trouble)] };
  expect(await objections('none', {}, [fires])).toContain('FAILED');
  expect(await objections('other', trouble.instead, silent())).toContain('FAILED');
});
