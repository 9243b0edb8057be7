import { begin, chain, claimOf, readyAction, type SeededAction, seedTenant, vote } from '../helpers/seed';
import { holdBudget } from '../../db/hold-budget';
import { openTask } from '../../db/tasks';
import { beginEffect } from '../../db/begin-effect';
import { roleName } from '../../db/create-roles';
import { createWorld, type World } from '../helpers/world';
import { KID, seedCredentials } from './seed-credentials';
import { seedLives } from './seed-lives';

let world: World;
let mine: string;
let theirs: string;
let action: SeededAction;
const STREAM = '00000000-0000-4000-8000-000000000001';
const PROPOSAL = '00000000-0000-4000-8000-000000000000';

/** One tenant with a row in every table, and one that looks. */
beforeAll(async () => {
  world = await createWorld();
  mine = await seedTenant(world);
  theirs = await seedTenant(world);
  action = await readyAction(world, theirs, { chains: [chain('finance', 1)], voters: ['bob'] });
  await begin(world, action, { grantTtlMs: 60_000 });
  await world.rows(`update actions set lane = 'granted' where tenant = $1`, [theirs]);
  await world.rows(`insert into agent_keys values ($1, sha256('key'), 'payer', 1)`, [theirs]);
  await world.rows(`insert into person_tokens values ($1, sha256('token'), 'bob', now() + interval '1 day')`, [theirs]);
  await world.rows(`insert into person_addresses (tenant, person, address) values ($1, 'bob', 'bob@example.org')`, [
    theirs,
  ]);
  await world.rows(
    `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ($1, 'T1', 'U1', 'bob', 'bob')`,
    [theirs],
  );
  await world.rows(
    `insert into slack_link_codes (tenant, code_hash, slack_team, slack_user) values ($1, sha256('code'), 'T1', 'U2')`,
    [theirs],
  );
  await world.rows(
    `insert into surfaces (tenant, request, surface, channel, place) values ($1, $2, 'slack/card', 'slack', 'C1')`,
    [theirs, action.request],
  );
  await world.rows(
    `insert into grant_claims (tenant, grant_id, claim, public_key, mints) select tenant, grant_id, 1, $2, 1 from grants where tenant = $1`,
    [theirs, 'k'.repeat(43)],
  );
  await world.rows(`insert into slack_deliveries (tenant, delivery) values ($1, sha256('delivery'))`, [theirs]);
  await world.rows(
    `insert into mail_links (tenant, token_hash, request, person, digest, expires_at) values ($1, sha256('link'), $2, 'bob', $3, now())`,
    [theirs, action.request, action.digest],
  );
  await seedCredentials(world, theirs);
  await seedLives(world, theirs, PROPOSAL, action.digest);
  await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test')`, [theirs]);
  await world.rows(`insert into admin_proposals (tenant, person, proposed_by) values ($1, 'bob', 'carol')`, [theirs]);
  await world.rows(
    `insert into init_links (tenant, secret_hash, person, name, address) values ($1, sha256('init'), 'bob', 'Bob', 'bob@example.org')`,
    [theirs],
  );
  await world.rows(
    `insert into served_identities (tenant, agent, generation, digest, identity) values ($1, 'payer', 1, 'sha256:${'1'.repeat(64)}', '{}')`,
    [theirs],
  );
  await world.rows(
    `insert into reported_decisions (tenant, agent, generation, stream, seq, digest, type, params, claimed_at, effect, bundle_digest, input_digest, verdict)
     values ($1, 'payer', 1, gen_random_uuid(), 1, 'sha256:${'1'.repeat(64)}', 'a.b', '{}', now(), 'allow', 'd', 'd', 'confirmed'),
       ($1, 'payer', 1, $2, 1, 'sha256:${'1'.repeat(64)}', 'a.b', '{}', now(), 'allow', 'd', 'd', 'mismatch')`,
    [theirs, STREAM],
  );
  // What is refused to another tenant would be done in this one.
  await world.rows(`update people set roles = '{admin}' where tenant = $1 and person = 'carol'`, [theirs]);
  await world.rows(`update people set roles = '{operator}' where tenant = $1 and person = 'dora'`, [theirs]);
  await world.rows(`insert into owed_entries (tenant, key, entry) values ($1, 'k', '{}')`, [theirs]);
  await world.rows(
    `insert into ledger_doubts (tenant, contradicts, checkpoint, acknowledged_at) values ($1, 1, 'n', now())`,
    [theirs],
  );
  await world.rows(`insert into checkpoints values ($1, 1, sha256(''), 'note')`, [theirs]);
  await world.rows(
    `insert into fences (tenant, scope, closed, reason, actor) values ($1, 'team:sales', true, 'r', 'a')`,
    [theirs],
  );
  await world.ledger.append(theirs, [
    {
      key: 'action/a/decided/1',
      event: 'action.decided',
      entry: { action: 'a', round: 1 },
      body: { excluded: ['personal'] },
    },
  ]);
  await world.as('worker', theirs, async (client) => {
    await holdBudget(client, theirs, action.actionId, {
      kind: 'spends',
      budget: 'b',
      window: 'day',
      limitMinor: 9,
      amountMinor: 5,
    });
    await openTask(client, theirs, { actionId: action.actionId, step: 'pay', kind: 'undo_stuck' });
  });
});
afterAll(() => world.close());

async function tables(): Promise<string[]> {
  const found = await world.rows<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') order by 1`,
  );
  return found.map(({ name }) => name);
}

/** Hashes of credentials, and where people are: for those alone who need them. */
async function mayRead(role: 'gateway' | 'worker', table: string): Promise<boolean> {
  const [row] = await world.rows<{ may: boolean }>(`select has_table_privilege($1, $2, 'select') as may`, [
    roleName(role),
    table,
  ]);
  return row?.may === true;
}

it('hashes of credentials and addresses of people are read by those alone who need them', async () => {
  const hidden = async (role: 'gateway' | 'worker'): Promise<string[]> => {
    const all = await tables();
    const may = await Promise.all(all.map((table) => mayRead(role, table)));
    return all.filter((_, index) => may[index] !== true);
  };
  expect(await hidden('gateway')).toEqual([
    'account_links',
    'agent_assertions',
    'agent_enrolments',
    'agent_keys',
    'agent_notes',
    'init_links',
    'ledger_doubts',
    'owed_entries',
    'person_tokens',
    'review_watches',
  ]);
  expect(await hidden('worker')).toEqual([
    'account_links',
    'admin_proposals',
    'agent_assertions',
    'agent_enrolments',
    'agent_keys',
    'agent_notes',
    'grant_claims',
    'init_links',
    'ledger_doubts',
    'mail_links',
    'owed_entries',
    'person_addresses',
    'person_tokens',
    'review_watches',
    'slack_deliveries',
    'slack_link_codes',
  ]);
});

it('I9 every table that knows tenants has row security, and forces it', async () => {
  const open = await world.rows(
    `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not (c.relrowsecurity and c.relforcerowsecurity)`,
  );
  expect(open).toEqual([]);
});

it('I9 a tenant sees none of another’s rows, in any table', async () => {
  for (const table of await tables()) {
    const count = `select count(*)::integer as n from ${table} where tenant = $1`;
    // As theirs: which votes count is reckoned by functions that see one tenant alone, whoever asks.
    const there = await world.as('superuser', theirs, (client) => client.query<{ n: number }>(count, [theirs]));
    expect([table, there.rows[0]?.n]).not.toEqual([table, 0]);
    for (const role of ['gateway', 'worker'] as const) {
      if (!(await mayRead(role, table))) continue;
      const seen = await world.as(role, mine, (client) => client.query<{ n: number }>(count, [theirs]));
      expect([table, role, seen.rows[0]?.n]).toEqual([table, role, 0]);
    }
  }
});

it('I9 without a tenant nothing is visible, and nothing can be written', async () => {
  for (const table of await tables()) {
    for (const role of ['gateway', 'worker'] as const) {
      if (!(await mayRead(role, table))) continue;
      const { rows } = await world[role].query(`select tenant from ${table} where tenant <> '*'`);
      expect([table, rows]).toEqual([table, []]);
    }
  }
  expect((await world.worker.query(`update effects set state = 'done'`)).rowCount).toBe(0);
  await expect(
    world.worker.query(`insert into tasks (tenant, task, action, step, kind) values ($1, 't', $2, 's', 'undo_stuck')`, [
      theirs,
      action.actionId,
    ]),
  ).rejects.toMatchObject({ code: '42501' });
});

it('I9 a tenant cannot write rows of another', async () => {
  const as = (statement: string): Promise<unknown> =>
    world.as('worker', mine, (client) => client.query(statement, [theirs]));
  expect(await as(`update actions set state = 'executed' where tenant = $1`)).toMatchObject({ rowCount: 0 });
  expect(await as(`update effects set state = 'done' where tenant = $1`)).toMatchObject({ rowCount: 0 });
  expect(await as(`update budgets set spent_minor = 0 where tenant = $1`)).toMatchObject({ rowCount: 0 });
  await expect(
    as(`insert into budgets (tenant, budget, window_start, limit_minor) values ($1, 'b', now(), 1)`),
  ).rejects.toMatchObject({ code: '42501' });
});

describe('I9 a function that is called for another tenant', () => {
  const before = (): Promise<object[]> =>
    world.rows(
      `select (select count(*) from votes) as votes, (select count(*) from effects) as effects, (select count(*) from ledger) as entries,
         (select count(*) from outbox) as messages, (select count(*) from fences) as fences,
         (select jsonb_agg(c) from grant_claims c) as claims, (select jsonb_agg(g) from grants g) as grants,
         (select jsonb_agg(p order by tenant, person) from people p) as people, (select jsonb_agg(a order by tenant, agent) from agents a) as agents,
         (select jsonb_agg(s order by slack_user) from slack_identities s) as identities,
         (select jsonb_agg(c order by slack_user) from slack_link_codes c) as codes,
         (select jsonb_agg(l order by secret_hash) from init_links l) as links,
         (select jsonb_agg(c) from agent_credentials c) as credentials, (select jsonb_agg(e) from agent_enrolments e) as enrolments,
         (select count(*) from agent_assertions) as assertions, (select count(*) from person_tokens) as logins`,
    );
  const refuses = async (work: () => Promise<unknown>): Promise<void> => {
    const counts = await before();
    await work();
    expect(await before()).toEqual(counts);
  };

  it('casts no vote', async () => {
    const ballot = `select cast_vote($1, $2, 'carol', 'deny', $3, 'no', 'api') as result`;
    await refuses(async () => {
      const { rows } = await world.as('gateway', mine, (client) =>
        client.query(ballot, [theirs, action.request, action.digest]),
      );
      expect(rows).toEqual([{ result: 'not_found' }]);
    });
    expect(await vote(world, { ...action, tenant: mine }, 'carol')).toBe('not_found');
  });

  it('begins no effect, nor undoes one', async () => {
    await refuses(async () => {
      const begun = await world.as('worker', mine, (client) =>
        beginEffect(client, theirs, { ...claimOf(action), step: 'another' }),
      );
      expect(begun).toEqual({ refused: 'not_found' });
      const undo = `select begin_undo($1, $2, 'pay', 'bank', 1, 1) as result`;
      const { rows } = await world.as('worker', mine, (client) => client.query(undo, [theirs, action.actionId]));
      expect(rows).toEqual([{ result: { refused: 'nothing_to_undo' } }]);
    });
  });

  it.each([
    [`confirm_admin($1, 'dora', 'r', 'bob')`, 'not_found'],
    [`change_people($1, 'carol', 'r', '{"do":"leave","person":"bob"}')`, 'forbidden'],
    [`redeem_init_link($1, sha256('init'), sha256('new'))`, { refused: 'not_found' }],
    [`link_slack_by_code($1, 'carol', sha256('code'))`, 'link_expired'],
    [`register_agent($1, 'carol', '{"agent":"x","owner":"bob","environment":"test"}', 'r')`, { refused: 'forbidden' }],
    [`register_version($1, 'carol', 'payer', '{}', 'r')`, 'not_found'],
    [`issue_agent_enrolment($1, 'carol', 'payer', sha256('s'), '1 day')`, 'not_found'],
    [`enrol_agent($1, sha256('enrol'), '${KID}', '${KID}')`, { refused: 'not_found' }],
    [`rotate_agent_credential($1, 'payer', '${KID}', '${'B'.repeat(43)}', 'x')`, { refused: 'unauthenticated' }],
    [`redeem_assertion($1, '${KID}', 'fedcba9876543210', now(), null)`, { refused: 'unauthenticated' }],
    [`revoke_agent_credential($1, 'carol', 'payer', null, 'r')`, { refused: 'not_found' }],
    [`require_rotation($1, 'carol', 'payer', 'r')`, 'not_found'],
    [`move_agent($1, 'carol', 'payer', 'pause', 'r')`, { refused: 'not_found' }],
    [`propose_resume_under($1, 'carol', 'payer', 'bob', 'r')`, { refused: 'not_found' }],
    [`propose_lift($1, 'carol', 'team:sales', 'r')`, { refused: 'forbidden' }],
    [`decide_proposal($1, 'carol', 'prp-${PROPOSAL}', 'confirm', 'sha256:', 'r')`, 'not_found'],
    [`answer_review($1, 'carol', 'payer', 'end', 'sha256:', 'r')`, 'not_found'],
    [`except_from_offboarding($1, 'carol', 'payer', 's', 'r')`, 'not_found'],
    [`ask_reconciliation($1, 'carol', null, null)`, { refused: 'forbidden' }],
    [`stop_scope($1, 'dora', 'tenant', 'r')`, { refused: 'forbidden' }],
    [`quarantine_agent($1, 'payer', 1, '${STREAM}', 1)`, false],
  ])('changes nobody by %s', async (call, answer) => {
    await refuses(async () => {
      const { rows } = await world.as('gateway', mine, (client) => client.query(`select ${call} as result`, [theirs]));
      expect(rows).toEqual([{ result: answer }]);
    });
  });

  it('gives out no code to link with', async () => {
    await refuses(async () => {
      const issue = world.as('gateway', mine, (client) =>
        client.query(`select issue_link_code($1, 'T1', 'U3', sha256('another'))`, [theirs]),
      );
      await expect(issue).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('claims no access, mints none and gives none back', async () => {
    const [lent] = await world.rows<{ id: string }>('select grant_id as id from grants where tenant = $1', [theirs]);
    const ask = async (role: 'gateway' | 'worker', call: string): Promise<unknown> => {
      const { rows } = await world.as(role, mine, (client) =>
        client.query<{ answer: unknown }>(`select ${call} as answer`, [theirs, lent?.id]),
      );
      return rows[0]?.answer;
    };
    await refuses(async () => {
      expect(await ask('gateway', `claim_grant($1, $2, 'payer', 1, '${'n'.repeat(43)}')`)).toBe('not_found');
      expect(await ask('worker', 'begin_mint($1, $2)')).toEqual({ refused: 'nothing_to_mint' });
      expect(await ask('worker', `record_mint($1, $2, 1, 1, 'forged')`)).toBe('grant_over');
      expect(await ask('worker', `quarantine_holder($1, $2, 'a task')`)).toBe(false);
      expect(await ask('gateway', `return_grant($1, $2, 'payer', 1, 'done', null)`)).toBe('not_found');
    });
  });

  it('writes no entry into its ledger', async () => {
    await refuses(async () => {
      const append = world.as('worker', mine, (client) =>
        client.query(`select ledger_append($1, '{k}', '{"{}"}', null)`, [theirs]),
      );
      await expect(append).rejects.toMatchObject({ code: '42501' });
    });
  });
});
