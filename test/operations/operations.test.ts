import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from 'pg';
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../telemetry/metrics';
import { freePort } from '../../config/free-port';
import { waitUntil } from '../../stack/wait-until';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { type OtlpDouble, startOtlpDouble } from './otlp-double';
import { type Sample, scrape } from './scrape';

/* What an operator sees of running processes. */

const TOKEN = 'metrics-token-of-the-test';
let spine: Spine;
let workerUrl: string;
let otlp: OtlpDouble;

beforeAll(async () => {
  const workerPort = await freePort();
  workerUrl = `http://127.0.0.1:${String(workerPort)}`;
  otlp = await startOtlpDouble();
  const settings = {
    COUNTERSIGN_WORKER_PORT: String(workerPort),
    COUNTERSIGN_METRICS_TOKEN: TOKEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  spine = await startSpine({ settings: () => Promise.resolve(settings) });
});
afterAll(async () => {
  await spine.stop();
  await otlp.stop();
});

const gatewayMetrics = async (): Promise<readonly Sample[]> => await scrape(`${spine.adminUrl}/metrics`, TOKEN);
const workerMetrics = async (): Promise<readonly Sample[]> => await scrape(`${workerUrl}/metrics`, TOKEN);
const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number =>
  samples
    .filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    )
    .reduce((sum, { value }) => sum + value, 0);
const missingAt = async (url: string): Promise<string[]> => {
  const answer = await fetch(`${url}/readyz`);
  const { missing = [], problems = [] } = (await answer.json()) as {
    missing?: { code: string }[];
    problems?: { path: string }[];
  };
  return [...missing.map(({ code }) => code), ...problems.map(({ path }) => path.slice(1))];
};

describe('metrics', () => {
  it('are told to whoever has their token, and not at all where agents are', async () => {
    for (const url of [`${spine.adminUrl}/metrics`, `${workerUrl}/metrics`]) {
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { headers: { authorization: 'Bearer metrics-token-of-somebody' } })).status).toBe(401);
    }
    expect((await fetch(`${spine.gatewayUrl}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(
      404,
    );
  });

  it('count what happened: requests, decisions, votes, effects and endings', async () => {
    const before = { gateway: await gatewayMetrics(), worker: await workerMetrics() };
    await pay(spine, invoice());
    await pay(spine, invoice({ vendorId: 'umbrella' }));
    const { id } = await pay(spine, largeInvoice());
    expect(valueOf(await gatewayMetrics(), 'countersign_open_actions', { state: 'waiting' })).toBe(1);
    await vote(spine, 'alice', id, 'approve');
    await vote(spine, 'bob', id, 'deny', { reason: 'wrong price' });
    const type = 'payments.pay_invoice';
    const ended = async (ending: string): Promise<number> =>
      valueOf(await workerMetrics(), 'countersign_actions_settled_total', { type, ending });
    await waitUntil(async () => (await ended('rejected')) === 1, { what: 'It was not counted', withinMs: 20_000 });

    const gateway = await gatewayMetrics();
    const worker = await workerMetrics();
    const grown = (samples: 'gateway' | 'worker', name: string, labels: Record<string, string>): number =>
      valueOf(samples === 'gateway' ? gateway : worker, name, labels) - valueOf(before[samples], name, labels);
    expect(grown('gateway', 'countersign_actions_requested_total', { type, lane: 'brokered' })).toBe(3);
    expect(grown('gateway', 'countersign_http_requests_total', { route: '/v1/actions', status: '200' })).toBe(2);
    expect(grown('gateway', 'countersign_http_request_seconds_count', { route: '/v1/actions' })).toBe(3);
    expect(grown('gateway', 'countersign_votes_total', { choice: 'approve', result: 'self_approval' })).toBe(1);
    expect(grown('gateway', 'countersign_votes_total', { choice: 'deny', result: 'recorded' })).toBe(1);
    for (const effect of ['allow', 'deny', 'require_approval'])
      expect([effect, grown('worker', 'countersign_decisions_total', { type, stage: 'initial', effect })]).toEqual([
        effect,
        1,
      ]);
    for (const ending of ['executed', 'denied', 'rejected']) {
      expect([ending, grown('worker', 'countersign_actions_settled_total', { ending })]).toEqual([ending, 1]);
      expect([ending, grown('worker', 'countersign_action_seconds_count', { ending })]).toEqual([ending, 1]);
    }
    expect(grown('worker', 'countersign_effects_total', { kind: 'do', state: 'done' })).toBe(2);
    expect(valueOf(worker, 'countersign_loop_rounds_total', { loop: 'outbox', result: 'ok' })).toBeGreaterThan(0);
    expect(valueOf(gateway, 'countersign_open_actions')).toBe(0);
    expect(valueOf(gateway, 'countersign_bundle_loaded_version')).toBe(
      valueOf(worker, 'countersign_bundle_loaded_version'),
    );
    expect(valueOf(gateway, 'countersign_bundle_in_force_version')).toBe(
      valueOf(gateway, 'countersign_bundle_loaded_version'),
    );
    for (const queue of ['actions', 'effects', 'control'])
      expect([queue, valueOf(gateway, 'countersign_pollers', { queue })]).toEqual([queue, 1]);
    expect(valueOf(worker, 'temporal_request')).toBeGreaterThan(0);
  });

  it('have no label that somebody else can fill: made-up paths, types, keys and methods add no series', async () => {
    const send = async (canary: string): Promise<void> => {
      const headers = { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ type: canary, params: { [canary]: canary }, because: canary });
      await fetch(`${spine.gatewayUrl}/${canary}/${canary}`);
      await fetch(`${spine.gatewayUrl}/v1/actions/act-${canary}`, { headers });
      await fetch(`${spine.gatewayUrl}/v1/actions`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': canary },
        body,
      });
      await fetch(`${spine.gatewayUrl}/v1/actions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${canary}` },
        body,
      });
      await fetch(`${spine.gatewayUrl}/v1/approvals/${canary}/votes`, { method: 'POST', headers, body });
      for (const method of ['PUT', 'DELETE', 'PROPFIND']) await fetch(`${spine.gatewayUrl}/v1/me`, { method });
    };
    const seriesOf = async (): Promise<number> => (await gatewayMetrics()).length + (await workerMetrics()).length;
    await send('canary-0');
    await gatewayMetrics(); // its own route is a series too
    const before = await seriesOf();
    for (let n = 1; n <= 20; n += 1) await send(`canary-${String(n)}`);
    // Something else may happen for the first time meanwhile; twenty made-up words that each made one would make twenty and more.
    expect((await seriesOf()) - before).toBeLessThan(10);
    const everything = JSON.stringify([await gatewayMetrics(), await workerMetrics()]);
    expect(everything).not.toContain('canary');
    // Nor anything that names a person, an agent, a tenant or an action.
    expect(everything).not.toMatch(/alice|bob|invoice-agent|act-[0-9a-f]{8}|"demo"|Bearer/);
  });

  it('are all those that are described, each with its labels and no others', async () => {
    const all = { ...COUNTERS, ...GAUGES, ...HISTOGRAMS };
    const described: ReadonlyMap<string, readonly string[]> = new Map(
      Object.entries(all).map(([name, { labels }]) => [name, labels]),
    );
    const seen = [...(await gatewayMetrics()), ...(await workerMetrics())].filter(({ name }) =>
      name.startsWith('countersign_'),
    );
    for (const { name, labels } of seen) {
      const family = described.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
      const own = Object.keys(labels).filter((label) => !['le', 'service_name'].includes(label));
      expect([name, own.sort()]).toEqual([name, [...(described.get(family) ?? ['undescribed'])].sort()]);
    }
  });
});

describe('a trace', () => {
  const TRACE = '5b8aa5a2d2c872e8321cf37308d69df2';
  const MEMO = 'canary-of-the-memo';

  it('leads from the agent’s request through the workflow into its activities, under the id that logs and the action have', async () => {
    const params = { ...largeInvoice(), memo: MEMO };
    const response = await fetch(`${spine.gatewayUrl}/v1/actions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${spine.agentKey}`,
        'content-type': 'application/json',
        'idempotency-key': 'traced',
        traceparent: `00-${TRACE}-051581bf3cb55c13-01`,
      },
      body: JSON.stringify({ type: 'payments.pay_invoice', params, because: MEMO, waitMs: 20_000 }),
    });
    const own = response.headers.get('x-request-id') ?? '';
    expect(own).toMatch(/^[0-9a-f]{32}$/);
    expect(own).not.toBe(TRACE);
    const { id } = (await response.json()) as { id: string };
    await vote(spine, 'bob', id, 'approve', { reason: MEMO });
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });

    const traced = () => otlp.spans.filter(({ traceId }) => traceId === own);
    const named = (name: string) => traced().find((span) => span.name === name);
    // Gateway and worker tell of theirs on their own, and when they like.
    const last = ['POST /v1/actions', 'RunWorkflow:governedAction', 'RunActivity:settle'];
    await waitUntil(() => last.every((name) => named(name) !== undefined), {
      what: 'The trace did not arrive',
      withinMs: 20_000,
    });
    const request = named('POST /v1/actions');
    expect(request).toMatchObject({ service: 'countersign-gateway', links: [{ traceId: TRACE }] });
    expect(request?.parentSpanId ?? '').toBe('');
    const start = named('UpdateWithStartWorkflow:submit');
    expect(start).toMatchObject({ service: 'countersign-gateway', parentSpanId: request?.spanId });
    const workflow = named('RunWorkflow:governedAction');
    expect(workflow).toMatchObject({ service: 'countersign-worker', parentSpanId: start?.spanId });
    for (const activity of ['decide', 'performStep', 'settle']) {
      const begun = named(`StartActivity:${activity}`) ?? named(`StartLocalActivity:${activity}`);
      expect([activity, named(`RunActivity:${activity}`)?.parentSpanId]).toEqual([activity, begun?.spanId]);
      expect([activity, begun?.parentSpanId]).toEqual([activity, workflow?.spanId]);
    }

    const { rows } = await spine.auditor.query('select request_id from actions where action = $1', [id]);
    expect(rows).toEqual([{ request_id: own }]);
    const line = spine
      .gateway()
      .log()
      .split('\n')
      .find((each) => each.includes('"/v1/actions"') && each.includes(id));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ request: own, action: id, status: 202 });
  });

  it('has an id of ours, whatever the caller chose: none belongs to two requests, and none is kept from us', async () => {
    const ids = await Promise.all(
      ['01', '00'].map(async (sampled) => {
        const traceparent = `00-${TRACE}-051581bf3cb55c13-${sampled}`;
        const { headers } = await fetch(`${spine.gatewayUrl}/livez`, { headers: { traceparent } });
        return headers.get('x-request-id') ?? '';
      }),
    );
    expect(new Set([...ids, TRACE]).size).toBe(3);
    const kept = (): Set<string> => new Set(otlp.spans.map(({ traceId }) => traceId));
    await waitUntil(() => ids.every((id) => kept().has(id)), { what: 'A trace did not arrive', withinMs: 20_000 });
  });

  it('I11 holds ids, names and codes alone: no parameter, no reason, no person, no secret, no message', async () => {
    const sent = JSON.stringify(otlp.bodies);
    expect(sent).toContain(TRACE);
    for (const secret of [MEMO, 'globex', 'alice', 'bob', 'finance-approvers', spine.agentKey, spine.people.bob.token])
      expect([secret, sent.includes(secret)]).toEqual([secret, false]);
    const kept = new Set(otlp.spans.flatMap(({ attributes }) => attributes.map(({ key }) => key)));
    expect([...kept].sort()).toEqual([
      ...['countersign.action', 'http.request.method', 'http.response.status_code', 'http.route', 'run_id'],
      ...['temporalActivityId', 'temporalUpdateId', 'temporalWorkflowId'],
    ]);
  });
});

it('whoever takes minutes to ask a worker for its metrics does not hold its socket', async () => {
  const { hostname, port } = new URL(workerUrl);
  const slow = connect(Number(port), hostname);
  try {
    let answer = '';
    slow.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    slow.write('GET /metrics HTTP/1.1\r\nhost: worker\r\n');
    await once(slow, 'close', { signal: AbortSignal.timeout(30_000) });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  } finally {
    slow.destroy();
  }
}, 45_000);

describe('readiness', () => {
  const becomes = async (url: string, missing: readonly string[]): Promise<void> =>
    await waitUntil(async () => (await missingAt(url)).join() === missing.join(), {
      what: `${url} did not report ${missing.join() || 'nothing'} as missing`,
      withinMs: 20_000,
    });
  const both = async (missing: readonly string[]): Promise<void> => {
    await becomes(spine.gatewayUrl, missing);
    await becomes(workerUrl, missing);
    const expected = missing.length === 0 ? 200 : 503;
    expect([(await fetch(`${spine.gatewayUrl}/readyz`)).status, (await fetch(`${workerUrl}/readyz`)).status]).toEqual([
      expected,
      expected,
    ]);
  };

  it('names what is missing, on both processes, and comes back', async () => {
    const superuser = new Client({ connectionString: spine.database.superuserUrl });
    await superuser.connect();
    await both([]);
    await superuser.query(
      `insert into bundles (digest, version, signed) select 'sha256:' || repeat('f', 64), max(version) + 1, '{}' from bundles`,
    );
    await both(['bundle_stale']);
    await superuser.query(`delete from bundles where digest = 'sha256:' || repeat('f', 64)`);
    await both([]);

    const { rows } = await superuser.query(
      `delete from schema_migrations where name = (select max(name) from schema_migrations) returning *`,
    );
    await both(['migrations_behind']);
    await superuser.query(
      'insert into schema_migrations select * from json_populate_record(null::schema_migrations, $1)',
      [JSON.stringify(rows[0])],
    );
    await superuser.query(
      'revoke execute on function ledger_append(text, text[], text[], text[]) from countersign_gateway, countersign_worker',
    );
    await both(['ledger_read_only']);
    await superuser.query(
      'grant execute on function ledger_append(text, text[], text[], text[]) to countersign_gateway, countersign_worker',
    );
    await both([]);
    await superuser.end();
  });

  it('a worker that is asked to stop says so, lets go of its work, and ends well', async () => {
    const worker = spine.worker();
    const done = pay(spine, invoice());
    worker.kill('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(worker.log()).toContain('the worker has stopped');
    await spine.startWorker();
    expect(['executed', 'pending']).toContain((await done).outcome.kind);
    await becomes(workerUrl, []);
  });
});
