-- What Countersign knows. Tenant first in every key; row security forced; who may write what is granted, not hoped for.

create function is_id(p text) returns boolean language sql immutable
  return p ~ '^[a-z0-9-]{1,63}$';

create table tenants (
  tenant text primary key check (is_id(tenant) or tenant = '*'),
  name text not null,
  created_at timestamptz not null default now()
);
comment on table tenants is 'Customers of one deployment. ''*'' is the deployment itself: it owns the global fence.';
insert into tenants (tenant, name) values ('*', 'the deployment');

-- ── people and agents ───────────────────────────────────────────────────────────────────────────────────────────────

create table people (
  tenant text not null references tenants,
  person text not null check (is_id(person)),
  name text not null check (length(name) <= 200),
  state text not null default 'active' check (state in ('active', 'left')),
  roles text[] not null default '{}' check (roles <@ array['viewer', 'operator', 'approver', 'owner', 'admin']),
  demo boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (tenant, person)
);

create table group_members (
  tenant text not null,
  group_name text not null check (is_id(group_name)),
  person text not null,
  primary key (tenant, group_name, person),
  foreign key (tenant, person) references people
);

create table person_tokens (
  tenant text not null,
  token_hash bytea not null unique check (length(token_hash) = 32),
  person text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, token_hash),
  foreign key (tenant, person) references people
);
comment on table person_tokens is 'SHA-256 of login tokens of 256 random bits; the tokens themselves are never stored.';

create table agents (
  tenant text not null references tenants,
  agent text not null check (is_id(agent)),
  generation integer not null default 1 check (generation >= 1),
  version text not null,
  owner text not null,
  creator text not null,
  team text not null check (is_id(team)),
  environment text not null check (is_id(environment)),
  roles text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'paused', 'quarantined', 'offboarded')),
  created_at timestamptz not null default now(),
  primary key (tenant, agent),
  foreign key (tenant, owner) references people,
  foreign key (tenant, creator) references people
);
comment on column agents.generation is 'Grows when an id is registered again; a new generation inherits nothing.';

create table agent_keys (
  tenant text not null,
  key_hash bytea not null unique check (length(key_hash) = 32),
  agent text not null,
  generation integer not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (tenant, key_hash),
  foreign key (tenant, agent) references agents
);

-- ── policy in force ─────────────────────────────────────────────────────────────────────────────────────────────────

create table bundles (
  digest text primary key check (digest ~ '^sha256:[0-9a-f]{64}$'),
  version bigint not null unique,
  signed text not null,
  activated_at timestamptz not null default now()
);
comment on table bundles is 'Every signed policy bundle that was ever in force; the highest version is. Kept, so that any decision can be evaluated again.';

create table fences (
  tenant text not null references tenants,
  scope text not null check (scope ~ '^(global|tenant|team:.+|agent:.+|action-type:.+)$'),
  epoch bigint not null default 1,
  closed boolean not null,
  reason text not null,
  actor text not null,
  moved_at timestamptz not null default now(),
  primary key (tenant, scope),
  check ((scope = 'global') = (tenant = '*'))
);
comment on table fences is 'One row stops a whole scope. Moved only behind an exclusive gate, read only behind a shared one.';

-- ── actions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

create table actions (
  tenant text not null references tenants,
  action text not null check (action ~ '^act-[0-9a-f-]{36}$'),
  agent text not null,
  agent_generation integer not null,
  agent_version text not null,
  agent_owner text not null,
  agent_creator text not null,
  team text not null,
  environment text not null,
  type text not null,
  type_version integer not null,
  risk text not null,
  effect_class text not null,
  lane text not null,
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  request_digest text not null,
  params jsonb not null,
  because text,
  context jsonb,
  salt text not null,
  round integer not null default 1,
  state text not null default 'received' check (state in
    ('received', 'waiting', 'executing', 'unknown', 'undoing', 'executed', 'denied', 'rejected', 'expired', 'cancelled', 'undone', 'undo_stuck')),
  waiting_on text[] not null default '{}',
  cancel_requested_at timestamptz,
  cancel_requested_by text,
  outcome jsonb,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (tenant, action),
  unique (tenant, agent, agent_generation, idempotency_key),
  foreign key (tenant, agent) references agents,
  check ((outcome is null) = (settled_at is null))
);
create index actions_open on actions (tenant, created_at) where settled_at is null;

create table action_rounds (
  tenant text not null,
  action text not null,
  round integer not null,
  facts jsonb not null,
  facts_digest text not null,
  digest text not null,
  why text not null,
  created_at timestamptz not null default now(),
  primary key (tenant, action, round),
  foreign key (tenant, action) references actions
);
comment on table action_rounds is 'Each time the world or the policy changed under an action it is decided anew: new facts, new digest, new votes.';

create table decisions (
  tenant text not null,
  action text not null,
  round integer not null,
  stage text not null,
  effect text not null check (effect in ('allow', 'deny', 'require_approval')),
  findings jsonb not null,
  chains text[] not null,
  bundle_digest text not null,
  input jsonb not null,
  input_digest text not null,
  epochs text not null,
  budgeted boolean not null,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (tenant, action, round, stage, decided_at),
  foreign key (tenant, action, round) references action_rounds
);
create unique index decisions_initial on decisions (tenant, action, round) where stage = 'initial';
comment on column decisions.stage is '''initial'', or ''preflight/<step>'': policy is asked again just before each effect.';

-- ── budgets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

create table budgets (
  tenant text not null references tenants,
  budget text not null,
  window_start timestamptz not null,
  limit_minor bigint not null check (limit_minor >= 0),
  held_minor bigint not null default 0 check (held_minor >= 0),
  spent_minor bigint not null default 0 check (spent_minor >= 0),
  primary key (tenant, budget, window_start)
);

create table reservations (
  tenant text not null,
  action text not null,
  budget text not null,
  window_start timestamptz not null,
  amount_minor bigint not null check (amount_minor >= 0),
  state text not null default 'held' check (state in ('held', 'spent', 'released')),
  primary key (tenant, action),
  foreign key (tenant, action) references actions,
  foreign key (tenant, budget, window_start) references budgets
);

-- ── approvals ───────────────────────────────────────────────────────────────────────────────────────────────────────

create table approval_requests (
  tenant text not null,
  request text not null check (request ~ '^apr-[0-9a-f-]{36}-[0-9]+$'),
  action text not null,
  round integer not null,
  digest text not null,
  chains text[] not null,
  stages jsonb not null,
  opened_at timestamptz not null default now(),
  deadline timestamptz not null,
  valid_for_ms bigint not null check (valid_for_ms > 0),
  state text not null default 'open' check (state in ('open', 'approved', 'rejected', 'expired', 'cancelled', 'superseded')),
  reminders integer not null default 0,
  closed_at timestamptz,
  primary key (tenant, request),
  unique (tenant, action, round),
  foreign key (tenant, action, round) references action_rounds
);
comment on column approval_requests.stages is 'domain/approval.ts OpenStage[]: who may vote was settled when the request opened; later changes can only narrow it.';

create table votes (
  tenant text not null,
  request text not null,
  person text not null,
  choice text not null check (choice in ('approve', 'deny')),
  stage integer not null,
  digest text not null,
  reason text check (length(reason) <= 1000),
  channel text not null check (channel in ('api', 'cli', 'slack', 'email', 'console')),
  cast_at timestamptz not null default clock_timestamp(),
  primary key (tenant, request, person, choice),
  foreign key (tenant, request) references approval_requests,
  foreign key (tenant, person) references people
);
comment on table votes is 'Written by cast_vote alone. Whoever approved may still deny; nobody can take a denial back.';

-- ── effects and grants ──────────────────────────────────────────────────────────────────────────────────────────────

create table effects (
  tenant text not null,
  action text not null,
  step text not null,
  kind text not null check (kind in ('do', 'undo')),
  attempt integer not null default 1 check (attempt between 1 and 1000),
  state text not null default 'begun' check (state in ('begun', 'unknown', 'absent', 'failed', 'done')),
  round integer not null,
  digest text not null,
  idempotency_key text not null,
  grant_id text not null,
  begun_at timestamptz not null default clock_timestamp(),
  send_by timestamptz not null,
  result jsonb,
  code text,
  settled_at timestamptz,
  primary key (tenant, action, step, kind),
  foreign key (tenant, action, round) references action_rounds
);
comment on table effects is 'The consume-once row: one for each step and direction, begun by begin_effect alone.';

create table grants (
  tenant text not null,
  grant_id text not null,
  action text not null,
  step text not null,
  agent text not null,
  target text not null,
  state text not null default 'intent' check (state in ('intent', 'created', 'claimed', 'revoking', 'revoked')),
  ended_by text check (ended_by in ('revoked', 'expired')),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoke_attempts integer not null default 0,
  next_revoke_at timestamptz,
  last_code text,
  revoked_at timestamptz,
  primary key (tenant, grant_id),
  foreign key (tenant, action) references actions,
  check ((state = 'revoked') = (ended_by is not null))
);
comment on table grants is 'Leases. An intent is written before anything is minted, so whatever dies, the reaper finds it here.';
create index grants_live on grants (expires_at) where state <> 'revoked';

-- ── messages to ourselves, and to operators ─────────────────────────────────────────────────────────────────────────

create table outbox (
  tenant text not null references tenants,
  id bigint generated always as identity,
  kind text not null check (kind in ('wake')),
  action text not null,
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  last_code text,
  done_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, action) references actions
);
create index outbox_due on outbox (due_at) where done_at is null;
create index outbox_of_action on outbox (tenant, action);

create table tasks (
  tenant text not null,
  task text not null,
  action text not null,
  step text not null,
  kind text not null check (kind in ('unknown_outcome', 'undo_stuck', 'revocation_overdue')),
  state text not null default 'open' check (state in ('open', 'resolved')),
  opened_at timestamptz not null default now(),
  resolution text check (resolution in ('happened', 'did_not_happen', 'mended')),
  reason text check (length(reason) <= 1000),
  resolved_by text,
  resolved_at timestamptz,
  primary key (tenant, task),
  foreign key (tenant, action) references actions,
  check ((state = 'resolved') = (resolution is not null and resolved_by is not null and reason is not null))
);
comment on table tasks is 'What only a person can settle. The action waits; nothing is guessed.';

create table security_events (
  minute timestamptz not null,
  kind text not null check (length(kind) <= 64),
  source text not null check (length(source) <= 64),
  count integer not null default 1,
  primary key (minute, kind, source)
);
comment on table security_events is 'Requests that nobody authenticated, counted by the minute so that a flood cannot fill the disk.';
