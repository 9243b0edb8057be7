import { randomUUID } from 'node:crypto';
import { ROUTES } from '../../gateway/routes';
import { type Harness, PARAMS, type Reply, startHarness, TYPE } from '../gateway/harness';
import { NAUGHTY } from '../helpers/naughty-strings';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

/** An agent that reported nonsense is quarantined, and one with too much that waits asks for nothing more. */
beforeEach(async () => {
  await h.superuser.query(`update agents set state = 'active'`);
  await h.superuser.query(
    `update actions set state = 'denied', outcome = '{}', settled_at = now() where settled_at is null`,
  );
});

const AS: Readonly<Record<string, string | undefined>> = {
  ...{
    agent: 'agent',
    member: 'bob',
    anyone: 'bob',
    operator: 'max',
    localOperator: 'max',
    admin: 'ada',
    public: undefined,
  },
};
const POSTS = ROUTES.filter(({ body }) => body !== undefined).map(
  (route) => [`${route.method} ${route.path}`, route] as const,
);

/** What stands in the path, so that the request gets as far as it can. */
async function idFor(path: string): Promise<string> {
  if (path.startsWith('/v1/admin/people')) return 'vic';
  if (path.startsWith('/v1/grants')) return 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69.pay.do.1';
  const { id } = (await h.act()).body;
  await h.deps.background.drain(5_000);
  if (path.startsWith('/v1/approvals')) return (await h.openApproval(id)).id;
  if (!path.startsWith('/v1/admin/tasks')) return id;
  const task = `${id}.move.undo_stuck`;
  await h.superuser.query(
    `insert into tasks (tenant, task, action, step, kind) values ('acme', $1, $2, 'move', 'undo_stuck')`,
    [task, id],
  );
  return task;
}

/** The same body as many times as it has text, each time with other text in one place. */
function variants(body: unknown, text: string): unknown[] {
  if (typeof body === 'string') return [text];
  if (typeof body !== 'object' || body === null) return [];
  const entries = Object.entries(body);
  return entries.flatMap(([name, member]) =>
    variants(member, text).map((changed) =>
      Array.isArray(body)
        ? body.map((each: unknown, index) => (String(index) === name ? changed : each))
        : { ...body, [name]: changed },
    ),
  );
}

const ACTION = {
  type: TYPE,
  params: { ...PARAMS, note: 'n' },
  because: 'b',
  context: { a: ['c'] },
  onBehalfOf: 'cleo',
  waitMs: 0,
};
const exampleOf = (path: string, example: object): object =>
  path.startsWith('/v1/actions') && path.length < 20 ? ACTION : example;

/** Everything that injected SQL would have changed: what there is, who may do what, and the rows of those who are not concerned. */
async function state(): Promise<unknown> {
  const rows = async (sql: string): Promise<unknown[]> => (await h.superuser.query(sql)).rows as unknown[];
  return {
    relations: await rows(
      `select oid::regclass::text, relowner, relacl::text from pg_class where relnamespace = 'public'::regnamespace order by 1`,
    ),
    functions: await rows(
      `select oid::regprocedure::text, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
    ),
    roles: await rows(
      `select rolname, rolsuper, rolcreaterole, rolcanlogin from pg_roles where rolname like 'countersign%' or rolname = 'postgres' order by 1`,
    ),
    others: await rows(
      `select person, roles, state from people where tenant = 'rival' or person in ('olga', 'bob') order by 1`,
    ),
    agents: await rows('select tenant, agent, owner, roles from agents order by 1, 2'),
    votes: await rows(`select from votes where tenant = 'rival'`),
  };
}

it.each(POSTS)(
  'X52 %s: naughty text as each text of its body is stored as text or refused, and never runs',
  async (_, route) => {
    const before = await state();
    const id = await idFor(route.path);
    const as = AS[route.who];
    const example = exampleOf(route.path, route.body?.example ?? {});
    for (const text of NAUGHTY)
      await Promise.all(
        variants(example, text).map(async (json) => {
          const reply: Reply = await h.request('POST', route.path.replace('{id}', id), {
            ...{ json, key: randomUUID() },
            ...(as !== undefined && { as }),
          });
          expect([text, reply.status, reply.text]).not.toEqual([text, 500, reply.text]);
        }),
      );
    expect(await state()).toEqual(before);
  },
  120_000,
);

it('X52 the same as id in the path, in the query and as key', async () => {
  const before = await state();
  for (const text of NAUGHTY)
    await Promise.all(
      ROUTES.filter(({ path, query }) => path.includes('{id}') || query !== undefined).map(
        async ({ path, method, who }) => {
          const as = AS[who];
          const part = encodeURIComponent(text);
          const to = `${path.replace('{id}', part)}?state=${part}&for=${part}&cursor=${part}`;
          const key = /^[\x21-\x7e]+$/.test(text) ? text : undefined;
          const reply = await h.request(method.toUpperCase(), to, {
            ...(as !== undefined && { as }),
            ...(key !== undefined && { key }),
            ...(method === 'post' && { json: {} }),
          });
          expect([to, reply.status]).not.toEqual([to, 500]);
        },
      ),
    );
  expect(await state()).toEqual(before);
}, 120_000);

it('X52 what an agent says is stored byte for byte', async () => {
  for (const text of NAUGHTY) {
    const { status, body } = await h.act({
      json: { type: TYPE, params: { ...PARAMS, note: text }, because: text, waitMs: 0 },
    });
    if (status >= 400) continue;
    const { rows } = await h.superuser.query<{ because: string; note: string }>(
      `select because, params ->> 'note' as note from actions where action = $1`,
      [body.id],
    );
    expect(rows).toEqual([{ because: text, note: text }]);
  }
  const { rows } = await h.superuser.query<{ n: number }>(
    `select count(distinct because)::integer as n from actions where because = any ($1)`,
    [[...NAUGHTY]],
  );
  expect(rows[0]?.n).toBeGreaterThan(NAUGHTY.length / 2);
});
