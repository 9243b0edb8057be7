import { FAILURES } from '../../domain/failures';
import { newestMigration } from '../../db/newest-migration';
import { readCondition } from '../../db/read-condition';
import { createReadiness } from '../../telemetry/create-readiness';
import { databaseCheck } from '../../telemetry/database-check';
import { createGateway } from '../../gateway/create-gateway';
import { ROUTES } from '../../gateway/routes';
import { type Harness, PARAMS, startHarness, TYPE } from './harness';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const NOWHERE = '0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  (await h.superuser.query<{ n: number }>(`select count(*)::integer as n from ${sql}`, values)).rows[0]?.n ?? -1;

describe('the OpenAPI document', () => {
  test('has every route, with an example of every answer that fits its schema', async () => {
    const { body } = await h.request('GET', '/openapi.json');
    const operators: any = await (await fetch(`${h.adminUrl}/openapi.json`)).json();
    expect([body.openapi, operators.openapi]).toEqual(['3.1.0', '3.1.0']);
    for (const route of ROUTES) {
      const paths = route.tag === 'operators' ? operators.paths : body.paths;
      const operation = paths[route.path]?.[route.method];
      expect([route.path, operation === undefined]).toEqual([route.path, false]);
      for (const [status, answer] of Object.entries<any>(operation.responses)) {
        const [content] = Object.values<any>(answer.content);
        expect([route.path, status, content.example ?? content.examples]).not.toContain(undefined);
      }
      for (const { schema, example } of Object.values(route.answers))
        expect(schema.safeParse(example)).toMatchObject({ success: true });
      if (route.body !== undefined)
        expect(route.body.schema.safeParse(route.body.example)).toMatchObject({ success: true });
      for (const code of route.refusals) expect(Object.keys(FAILURES)).toContain(code);
    }
  });

  test('describes what is really answered', async () => {
    const { id } = (await h.act()).body;
    const approval = await h.openApproval(id);
    await h.superuser.query(
      `insert into decisions (tenant, action, round, stage, effect, findings, chains, bundle_digest, input, input_digest, epochs, budgeted)
       values ('acme', $1, 1, 'initial', 'require_approval', '[{"code":"floor.heavy","effect":"approval","chain":"keepers-one","message":"Heavy."}]', '{keepers-one}', 'd', '{}', 'd', '', false)`,
      [id],
    );
    const look = async (path: string, as: string, real = path): Promise<void> => {
      const route = ROUTES.find((each) => each.method === 'get' && each.path === path);
      const reply = await h.request('GET', real, { as });
      expect(reply.status).toBe(200);
      expect([path, route?.answers[200]?.schema.safeParse(reply.body)]).toMatchObject([path, { success: true }]);
    };
    await look('/v1/actions', 'agent');
    await look('/v1/actions/{id}', 'agent', `/v1/actions/${id}`);
    await look('/v1/approvals', 'bob', '/v1/approvals?for=me');
    await look('/v1/approvals/{id}', 'bob', `/v1/approvals/${approval.id}`);
    await look('/v1/admin/actions', 'max', '/v1/admin/actions?state=received');
    await look('/v1/admin/actions/{id}', 'max', `/v1/admin/actions/${id}`);
    await look('/v1/admin/tasks', 'max', '/v1/admin/tasks?state=open');
    await look('/v1/catalogue', 'agent');
    await look('/.well-known/jwks.json', 'agent');
    await look('/livez', 'agent');
    await look('/readyz', 'agent');
  });
});

describe('errors', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/v1/nothing', 404],
    ['GET', '/v1/actions/a/b/c', 404],
    ['DELETE', '/v1/actions', 405],
    ['PUT', `/v1/actions/act-${NOWHERE}`, 405],
    ['GET', `/v1/approvals/apr-${NOWHERE}-1/votes`, 405],
    ['OPTIONS', '/v1/actions', 405],
  ])('%s %s is a problem with status %d', async (method, path, status) => {
    const reply = await h.request(method, path, { as: 'agent' });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(reply.body).toMatchObject({ status, type: `urn:countersign:error:${reply.body.code}` });
    if (status === 405) expect(reply.headers.get('allow')).toMatch(/POST|GET/);
  });
});

describe('tasks', () => {
  const openTask = async (kind: string): Promise<{ task: string; action: string }> => {
    const action = (await h.act()).body.id;
    await h.deps.background.drain(5_000);
    const task = `${action}.move.${kind}`;
    await h.superuser.query(
      `insert into tasks (tenant, task, action, step, kind) values ('acme', $1, $2, 'move', $3)`,
      [task, action, kind],
    );
    return { task, action };
  };

  test('are resolved once, with a reason, into the ledger, and wake the workflow', async () => {
    const { task, action } = await openTask('unknown_outcome');
    const resolve = (json: object) => h.request('POST', `/v1/admin/tasks/${task}/resolve`, { as: 'max', json });
    expect((await resolve({ resolution: 'happened' })).status).toBe(400);
    expect((await resolve({ resolution: 'mended', reason: 'x' })).body.problems[0].path).toBe('/resolution');
    for (let i = 0; i < 2; i += 1)
      expect((await resolve({ resolution: 'did_not_happen', reason: 'looked it up' })).body).toMatchObject({
        state: 'resolved',
        resolvedBy: 'max',
      });
    const other = await resolve({ resolution: 'happened', reason: 'no, it did' });
    expect([other.status, other.body.code]).toEqual([409, 'task_resolved']);
    await h.deps.background.drain(5_000);
    expect(h.woken.filter(({ actionId }) => actionId === action)).toHaveLength(1);
    expect(await count(`ledger where key = $1`, [`task/${task}/resolved`])).toBe(1);
  });

  test('can be found by operators', async () => {
    const { task } = await openTask('undo_stuck');
    expect(
      (await h.request('GET', '/v1/admin/tasks', { as: 'max' })).body.tasks.map(({ id }: { id: string }) => id),
    ).toContain(task);
    expect(
      (
        await h.request('POST', `/v1/admin/tasks/${task}/resolve`, {
          as: 'max',
          json: { resolution: 'mended', reason: 'by hand' },
        })
      ).status,
    ).toBe(200);
    expect(
      (await h.request('GET', '/v1/admin/tasks', { as: 'max' })).body.tasks.map(({ id }: { id: string }) => id),
    ).not.toContain(task);
  });

  test('an operator may ask to cancel any action', async () => {
    const { action } = await openTask('undo_stuck');
    const reply = await h.request('POST', `/v1/admin/actions/${action}/cancel`, {
      as: 'max',
      json: { reason: 'wrong box' },
    });
    expect([reply.status, reply.body.cancelRequestedAt === null]).toEqual([202, false]);
    expect(await count(`actions where action = $1 and cancel_requested_by = 'person:max'`, [action])).toBe(1);
  });
});

describe('secrets', () => {
  const CANARY = 'canary-7f3a91c2d5';

  test('in parameters, keys and broken bodies reach neither log nor ledger; words can be erased', async () => {
    const params = { ...PARAMS, note: CANARY };
    const words = 'WORDS-OF-AN-AGENT-57';
    const { id } = (await h.act({ json: { type: TYPE, params, because: words, context: { secret: words } } })).body;
    for (const raw of [`{"type":"${CANARY}"`, `{"type":"${TYPE}","params":{"box":"${CANARY} "}}`, `{"${CANARY}":1}`])
      await h.act({ raw });
    await h.act({ json: { type: CANARY, params } });
    await h.act({ headers: { authorization: `Bearer ${CANARY}-0123456789` } });
    await h.request('GET', `/v1/actions/${CANARY}?wait=${CANARY}`, { as: 'agent' });
    h.play.submit = () => Promise.reject(new Error(CANARY, { cause: new Error(CANARY) }));
    h.play.fact = () => Promise.reject(new Error(CANARY));
    expect((await h.act({ json: { type: TYPE, params } })).status).toBe(500);
    h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: CANARY } });
    expect((await h.act({ json: { type: TYPE, params } })).status).toBe(202);
    const approval = await h.openApproval(id);
    await h.request('POST', `/v1/approvals/${approval.id}/votes`, {
      as: 'dan',
      json: { choice: 'deny', digest: approval.digest, reason: CANARY },
    });
    await h.deps.background.drain(5_000);
    expect(h.log.length).toBeGreaterThan(10);
    expect(h.log.filter((line) => line.includes(CANARY))).toEqual([]);
    expect(await count(`ledger where leaf like '%${CANARY}%'`)).toBe(0);
    expect(await count(`ledger_bodies where body like '%${CANARY}%'`)).toBe(0);
    // What the agent said itself stands once beside the ledger, where it can be erased, and in no entry and no log.
    expect(h.log.filter((line) => line.includes(words))).toEqual([]);
    expect(await count(`ledger where leaf like '%${words}%'`)).toBe(0);
    expect(await count(`ledger_bodies where body like '%${words}%'`)).toBe(1);
  });
});

describe('a database that is away', () => {
  test('is said, and nothing else', async () => {
    const away = {
      ...h.deps.pool,
      connect: () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
      query: () => Promise.reject(Object.assign(new Error('no'), { code: '57P01' })),
    };
    const condition = async () => await readCondition(away as never);
    const { bundle } = h.deps.pdp;
    const readiness = createReadiness([databaseCheck({ condition, migration: newestMigration(), bundle })], h.deps.log);
    const app = createGateway({ ...h.deps, pool: away as never, readiness }, 'agents');
    const reply = await app.request('/v1/actions', {
      headers: { authorization: 'Bearer test-secret-of-agent-0123456789' },
    });
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([503, 'database_unavailable']);
    const ready = await app.request('/readyz');
    expect([ready.status, ((await ready.json()) as { code: string }).code]).toEqual([503, 'not_ready']);
    expect((await app.request('/livez')).status).toBe(200);
  });
});
