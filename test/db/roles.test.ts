import { askPeople, begin, chain, readyAction, seedAction, type SeededAction, seedTenant, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let action: SeededAction;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
  action = await readyAction(world, tenant, { chains: [chain('finance', 1)], voters: ['bob'] });
  await begin(world, action);
});
afterAll(() => world.close());

const VOTE = `insert into votes (tenant, request, person, choice, stage, digest, channel)
  select tenant, request, 'carol', 'approve', 0, digest, 'api' from approval_requests`;
const EFFECT = `insert into effects (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by)
  select tenant, action, 'sneak', 'do', 1, 'd', 'k', 'g', now() from actions`;
const GRANT = `insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
  select tenant, 'g', action, 'sneak', agent, 'bank', now() from actions`;
const DECISION = `insert into decisions (tenant, action, round, stage, effect, findings, chains, bundle_digest, input, input_digest, epochs, budgeted)
  select tenant, action, 1, 'preflight/x', 'allow', '[]', '{}', 'b', '{}', 'i', '', false from actions`;
const LEDGER = `insert into ledger (tenant, seq, key, leaf, leaf_hash, at) values ('t', 0, 'k', '{}', sha256(''), now())`;
const QUARANTINE = `select quarantine_agent('t', 'payer', 1, '${'0'.repeat(36)}', 1)`;
const REPORT = `insert into reported_decisions (tenant, agent) values (current_setting('app.tenant'), 'payer')`;
const CAST = `select cast_vote('t', 'r', 'bob', 'approve', 'd', null, 'api')`;
const BEGIN = `select begin_effect('t', 'a', 's', 'bank', 1, 'd', 'f', 'b', 1, 1)`;
const UNDO = `select begin_undo('t', 'a', 's', 'bank', 1, 1)`;
const OPEN = `select open_effect('t', 'a', 's', 'do', 'bank', 'payer', 1, 'd', 1, 1)`;
/** An answer that nobody gave: a step whose outcome is unknown would be sent once more for it. */
const ANSWER = `insert into tasks (tenant, task, action, step, kind, state, resolution, reason, resolved_by)
  select tenant, action || '.pay.unknown_outcome.1', action, 'pay', 'unknown_outcome', 'resolved', 'did_not_happen', 'r', 'robin' from actions`;
const FENCE = `select move_fence('t', 'tenant', false, 'lift', 'bob')`;
const PEOPLE_CHANGE = `select change_people('t', 'ada', 'r', '{}')`;
const RESOLVE = `select resolve_task('t', 'k', 'bob', 'happened', 'r')`;
const CONFIRM = `select confirm_admin('t', 'ada', 'r', 'bob')`;
const REDEEM = `select redeem_init_link('t', sha256('s'), sha256('t'))`;
const FIND_LINK = `select find_init_link(sha256('s'))`;
const BUNDLE = `select activate_bundle('sha256:${'0'.repeat(64)}', 99, '{}')`;

/** What nobody who logs in may do, but through the functions. */
const FOR_NOBODY = [
  'select pg_advisory_lock_shared(7001, 0)',
  'select pg_try_advisory_lock(7001, 0)',
  VOTE,
  `update votes set choice = 'approve'`,
  'delete from votes',
  EFFECT,
  `update effects set idempotency_key = 'another'`,
  'update effects set attempt = 2',
  'update effects set digest = null',
  'delete from effects',
  GRANT,
  `update grants set expires_at = now() + interval '1 year'`,
  'delete from grants',
  'update decisions set effect = $$allow$$',
  'delete from decisions',
  `update tasks set state = 'resolved'`,
  ANSWER,
  'update action_rounds set facts = $${}$$',
  'delete from action_rounds',
  'update actions set params = $${}$$',
  'update actions set agent = agent',
  'delete from actions',
  `update approval_requests set stages = '[]'`,
  `update approval_requests set deadline = now() + interval '1 year'`,
  'update approval_requests set valid_for_ms = 1e12',
  'update approval_requests set digest = null',
  'delete from approval_requests',
  `update people set roles = '{approver}'`,
  `insert into people (tenant, person, name) values (current_setting('app.tenant'), 'mallory', 'M')`,
  `insert into group_members values (current_setting('app.tenant'), 'finance', 'frank')`,
  `update agents set owner = 'frank', state = 'active'`,
  `update people set human = 'bob'`,
  `update people set state = 'active'`,
  'delete from people',
  'delete from group_members',
  `insert into role_grants values (current_setting('app.tenant'), 'frank', 'approver', 'test')`,
  'delete from role_grants',
  `insert into person_tokens (tenant, token_hash, person, expires_at) values (current_setting('app.tenant'), sha256('t'), 'bob', now())`,
  'update person_tokens set revoked_at = null',
  `insert into person_addresses (tenant, person, address) values (current_setting('app.tenant'), 'frank', 'f@example.org')`,
  'delete from slack_identities',
  `insert into admin_proposals (tenant, person, proposed_by) values (current_setting('app.tenant'), 'frank', 'bob')`,
  `insert into init_links (tenant, secret_hash, person, name, address) values (current_setting('app.tenant'), sha256('s'), 'frank', 'F', 'f@example.org')`,
  'update init_links set used_at = null',
  `insert into tenants (tenant, name) values ('mine', 'M')`,
  `insert into fences (tenant, scope, closed, reason, actor) values (current_setting('app.tenant'), 'tenant', false, 'r', 'a')`,
  'update fences set closed = false',
  'delete from fences',
  `insert into bundles (digest, version, signed) values ('sha256:${'1'.repeat(64)}', 100, '{}')`,
  'update bundles set version = 1000',
  'delete from bundles',
  'delete from payload_keys',
  `insert into payload_keys (key_id, check_value) values ('k8', sha256('x'))`,
  `update payload_keys set check_value = sha256('x')`,
  'update agent_keys set expires_at = null',
  'update agent_keys set revoked_at = null',
  `update agents set state = 'quarantined'`,
  `update reported_decisions set verdict = 'confirmed'`,
  'delete from reported_decisions',
  `update served_identities set identity = '{}'`,
  'delete from served_identities',
  LEDGER,
  `update ledger set leaf = '{}'`,
  'delete from ledger',
  'truncate ledger',
  'update ledger_bodies set body = $${}$$',
  'update checkpoints set root = null',
  OPEN,
  FENCE,
  'alter table votes disable row level security',
  'drop function cast_vote',
  `create function cast_vote(text) returns text language sql as 'select 1::text'`,
  'set role countersign_guard',
  'set role countersign_owner',
  'set session_replication_role = replica',
];

/** And what the functions of another process would be. */
const FORBIDDEN = {
  gateway: [
    ...[BEGIN, UNDO, BUNDLE, DECISION],
    'update effects set state = $$done$$',
    'update grants set state = $$revoked$$',
    'update budgets set limit_minor = 1e9',
    `update approval_requests set state = 'approved'`,
    'update actions set outcome = null',
    'update actions set round = 2',
    'select key_hash from agent_keys',
    'select token_hash from person_tokens',
    'delete from ledger_bodies',
  ],
  worker: [
    ...[CAST, RESOLVE, PEOPLE_CHANGE, CONFIRM, REDEEM, FIND_LINK, QUARANTINE, REPORT],
    `select * from authenticate_person('\\x00')`,
    `select * from authenticate_agent('\\x00')`,
    'select key_hash from agent_keys',
    'select token_hash from person_tokens',
    'update actions set cancel_requested_at = null',
    'update reservations set amount_minor = 0',
    'delete from ledger_bodies',
    'insert into checkpoints values (null, 1, null, null)',
  ],
  loops: [
    ...[CAST, RESOLVE, BEGIN, UNDO, BUNDLE, DECISION, PEOPLE_CHANGE, CONFIRM, REDEEM, FIND_LINK, QUARANTINE, REPORT],
    `select * from authenticate_person('\\x00')`,
    'select token_hash from person_tokens',
    'update effects set state = $$done$$',
    'update actions set state = $$executed$$',
    `update approval_requests set state = 'approved'`,
    'insert into tasks default values',
  ],
  auditor: [
    ...[CAST, RESOLVE, BEGIN, UNDO, BUNDLE, DECISION, PEOPLE_CHANGE, CONFIRM, REDEEM, FIND_LINK, QUARANTINE, REPORT],
    'select pg_advisory_xact_lock_shared(7001, 0)',
    `select ledger_append('t', '{k}', '{"{\\"event\\":\\"e\\"}"}', null)`,
    'select token_hash from person_tokens',
    'update outbox set done_at = now()',
    'insert into tasks default values',
  ],
} as const;

const ROLES = Object.keys(FORBIDDEN) as (keyof typeof FORBIDDEN)[];
const cases = ROLES.flatMap((role) =>
  [...FOR_NOBODY, ...FORBIDDEN[role]].map((statement) => [role, statement] as const),
);

// 42501: insufficient_privilege. The auditor may also meet 25006: its transactions are read-only.
it.each(cases)('I7 the role %s is refused: %s', async (role, statement) => {
  const refused = world.as(role, tenant, (client) => client.query(statement));
  await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|25006)$/) });
});

it('I7 the auditor, with its transactions made writable, is still refused', async () => {
  const client = await world.auditor.connect();
  try {
    for (const statement of [...FOR_NOBODY, ...FORBIDDEN.auditor]) {
      await client.query('begin read write');
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
      await client.query('rollback');
    }
  } finally {
    client.release();
  }
});

it('each process may do what is its own', async () => {
  const other = await seedAction(world, tenant);
  await askPeople(world, other);
  expect(await vote(world, other, 'bob')).toBe('recorded');
  await world.as('worker', tenant, (client) => client.query(`update effects set state = 'done'`));
  await world.as('loops', tenant, (client) => client.query('update outbox set done_at = now()'));
  expect((await world.auditor.query('select from votes')).rowCount).toBe(2);
});
