-- What the migrations add up to. Written by scripts/dump-schema.ts; for reading, not for running.

-- Roles

create role countersign_auditor with login bypassrls;
alter role countersign_auditor set default_transaction_read_only=on;

create role countersign_gateway with login;
alter role countersign_gateway set idle_in_transaction_session_timeout=1000;
alter role countersign_gateway set lock_timeout=5000;
alter role countersign_gateway set statement_timeout=10000;

create role countersign_guard with nologin;

create role countersign_identity with nologin bypassrls;

create role countersign_ledger with nologin;

create role countersign_loops with login bypassrls;
alter role countersign_loops set idle_in_transaction_session_timeout=1000;
alter role countersign_loops set lock_timeout=5000;
alter role countersign_loops set statement_timeout=10000;

create role countersign_owner with login;

create role countersign_worker with login;
alter role countersign_worker set idle_in_transaction_session_timeout=1000;
alter role countersign_worker set lock_timeout=5000;
alter role countersign_worker set statement_timeout=10000;

-- Tables

create table action_rounds (
  tenant text not null,
  action text not null,
  round integer not null,
  facts jsonb not null,
  facts_digest text not null,
  digest text not null,
  why text not null,
  created_at timestamp with time zone default now() not null,
  constraint action_rounds_pkey PRIMARY KEY (tenant, action, round),
  constraint action_rounds_tenant_action_fkey FOREIGN KEY (tenant, action) REFERENCES actions(tenant, action)
);
alter table action_rounds enable row level security;
alter table action_rounds force row level security;

create table actions (
  tenant text not null,
  action text not null,
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
  idempotency_key text not null,
  request_digest text not null,
  params jsonb not null,
  because text,
  context jsonb,
  salt text not null,
  round integer default 1 not null,
  state text default 'received'::text not null,
  waiting_on text[] default '{}'::text[] not null,
  cancel_requested_at timestamp with time zone,
  cancel_requested_by text,
  outcome jsonb,
  created_at timestamp with time zone default now() not null,
  settled_at timestamp with time zone,
  on_behalf_of text,
  request_id text,
  constraint actions_action_check CHECK ((action ~ '^act-[0-9a-f-]{36}$'::text)),
  constraint actions_check CHECK (((outcome IS NULL) = (settled_at IS NULL))),
  constraint actions_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
  constraint actions_pkey PRIMARY KEY (tenant, action),
  constraint actions_request_id_check CHECK ((request_id ~ '^[0-9a-f-]{32,36}$'::text)),
  constraint actions_state_check CHECK ((state = ANY (ARRAY['received'::text, 'waiting'::text, 'executing'::text, 'unknown'::text, 'undoing'::text, 'executed'::text, 'denied'::text, 'rejected'::text, 'expired'::text, 'cancelled'::text, 'undone'::text, 'undo_stuck'::text]))),
  constraint actions_tenant_agent_agent_generation_idempotency_key_key UNIQUE (tenant, agent, agent_generation, idempotency_key),
  constraint actions_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint actions_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant),
  constraint actions_tenant_on_behalf_of_fkey FOREIGN KEY (tenant, on_behalf_of) REFERENCES people(tenant, person)
);
alter table actions enable row level security;
alter table actions force row level security;

create table admin_proposals (
  tenant text not null,
  person text not null,
  proposed_by text not null,
  expires_at timestamp with time zone default (now() + '7 days'::interval) not null,
  constraint admin_proposals_pkey PRIMARY KEY (tenant, person),
  constraint admin_proposals_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person),
  constraint admin_proposals_tenant_proposed_by_fkey FOREIGN KEY (tenant, proposed_by) REFERENCES people(tenant, person)
);
alter table admin_proposals enable row level security;
alter table admin_proposals force row level security;

create table agent_assertions (
  tenant text not null,
  kid text not null,
  jti text not null,
  expires_at timestamp with time zone not null,
  constraint agent_assertions_jti_check CHECK (((length(jti) >= 16) AND (length(jti) <= 64))),
  constraint agent_assertions_pkey PRIMARY KEY (tenant, kid, jti),
  constraint agent_assertions_tenant_kid_fkey FOREIGN KEY (tenant, kid) REFERENCES agent_credentials(tenant, kid)
);
alter table agent_assertions enable row level security;
alter table agent_assertions force row level security;

create table agent_credentials (
  tenant text not null,
  kid text not null,
  agent text not null,
  generation integer not null,
  x text not null,
  registered_by text not null,
  issued_by text not null,
  life interval not null,
  registered_at timestamp with time zone default clock_timestamp() not null,
  not_after timestamp with time zone not null,
  rotation_required_at timestamp with time zone,
  replaced_by text,
  revoked_at timestamp with time zone,
  constraint agent_credentials_kid_check CHECK ((kid ~ '^[A-Za-z0-9_-]{43}$'::text)),
  constraint agent_credentials_kid_key UNIQUE (kid),
  constraint agent_credentials_life_check CHECK (((life > '00:00:00'::interval) AND (life <= '7 days'::interval))),
  constraint agent_credentials_pkey PRIMARY KEY (tenant, kid),
  constraint agent_credentials_registered_by_check CHECK ((registered_by = ANY (ARRAY['enrolment'::text, 'rotation'::text]))),
  constraint agent_credentials_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint agent_credentials_tenant_replaced_by_fkey FOREIGN KEY (tenant, replaced_by) REFERENCES agent_credentials(tenant, kid),
  constraint agent_credentials_x_check CHECK ((x ~ '^[A-Za-z0-9_-]{43}$'::text))
);
alter table agent_credentials enable row level security;
alter table agent_credentials force row level security;

create table agent_enrolments (
  tenant text not null,
  secret_hash bytea not null,
  agent text not null,
  generation integer not null,
  life interval default '24:00:00'::interval not null,
  issued_by text not null,
  expires_at timestamp with time zone default (clock_timestamp() + '00:15:00'::interval) not null,
  used_at timestamp with time zone,
  used_for text,
  constraint agent_enrolments_check CHECK (((used_at IS NULL) = (used_for IS NULL))),
  constraint agent_enrolments_life_check CHECK (((life > '00:00:00'::interval) AND (life <= '7 days'::interval))),
  constraint agent_enrolments_pkey PRIMARY KEY (tenant, secret_hash),
  constraint agent_enrolments_secret_hash_check CHECK ((length(secret_hash) = 32)),
  constraint agent_enrolments_secret_hash_key UNIQUE (secret_hash),
  constraint agent_enrolments_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint agent_enrolments_tenant_issued_by_fkey FOREIGN KEY (tenant, issued_by) REFERENCES people(tenant, person)
);
alter table agent_enrolments enable row level security;
alter table agent_enrolments force row level security;

create table agent_keys (
  tenant text not null,
  key_hash bytea not null,
  agent text not null,
  generation integer not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  issued_by text,
  expires_at timestamp with time zone,
  constraint agent_keys_key_hash_check CHECK ((length(key_hash) = 32)),
  constraint agent_keys_key_hash_key UNIQUE (key_hash),
  constraint agent_keys_pkey PRIMARY KEY (tenant, key_hash),
  constraint agent_keys_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent)
);
alter table agent_keys enable row level security;
alter table agent_keys force row level security;

create table agent_notes (
  tenant text not null,
  note uuid default gen_random_uuid() not null,
  agent text not null,
  person text not null,
  kind text not null,
  made_at timestamp with time zone default clock_timestamp() not null,
  due_at timestamp with time zone default clock_timestamp() not null,
  attempts integer default 0 not null,
  last_code text,
  done_at timestamp with time zone,
  constraint agent_notes_kind_check CHECK ((kind = ANY (ARRAY['idle'::text, 'idle_again'::text, 'reclaimed'::text, 'review_due'::text, 'review_restricted'::text, 'review_lapsed'::text]))),
  constraint agent_notes_pkey PRIMARY KEY (tenant, note),
  constraint agent_notes_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint agent_notes_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person)
);
alter table agent_notes enable row level security;
alter table agent_notes force row level security;

create table agent_reviews (
  tenant text not null,
  agent text not null,
  generation integer not null,
  look_at timestamp with time zone default clock_timestamp(),
  confirmed_at timestamp with time zone default clock_timestamp() not null,
  confirmed_by text,
  stage text default 'confirmed'::text not null,
  due_at timestamp with time zone,
  stage_watched interval,
  warnings integer default 0 not null,
  warned_at timestamp with time zone,
  warned_watched interval,
  asked_before timestamp with time zone,
  kept_at timestamp with time zone,
  reclaimed_at timestamp with time zone,
  constraint agent_reviews_pkey PRIMARY KEY (tenant, agent),
  constraint agent_reviews_stage_check CHECK ((stage = ANY (ARRAY['confirmed'::text, 'due'::text, 'restricted'::text, 'lapsed'::text]))),
  constraint agent_reviews_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint agent_reviews_tenant_confirmed_by_fkey FOREIGN KEY (tenant, confirmed_by) REFERENCES people(tenant, person),
  constraint agent_reviews_warnings_check CHECK (((warnings >= 0) AND (warnings <= 2)))
);
alter table agent_reviews enable row level security;
alter table agent_reviews force row level security;

create table agent_versions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  version text not null,
  digest text not null,
  content jsonb not null,
  registered_by text not null,
  registered_at timestamp with time zone default clock_timestamp() not null,
  constraint agent_versions_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint agent_versions_pkey PRIMARY KEY (tenant, agent, generation, version),
  constraint agent_versions_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint agent_versions_tenant_registered_by_fkey FOREIGN KEY (tenant, registered_by) REFERENCES people(tenant, person),
  constraint agent_versions_version_check CHECK ((version ~ '^[A-Za-z0-9._-]{1,64}$'::text))
);
alter table agent_versions enable row level security;
alter table agent_versions force row level security;

create table agents (
  tenant text not null,
  agent text not null,
  generation integer default 1 not null,
  version text not null,
  owner text not null,
  creator text not null,
  team text not null,
  environment text not null,
  roles text[] default '{}'::text[] not null,
  state text default 'active'::text not null,
  created_at timestamp with time zone default now() not null,
  purpose text,
  data_scopes text[] default '{}'::text[] not null,
  risk_tier text,
  state_since timestamp with time zone default clock_timestamp() not null,
  times_stopped integer default 0 not null,
  parent text,
  parent_generation integer,
  quarantined_for text[] default '{}'::text[] not null,
  constraint agents_agent_check CHECK (is_id(agent)),
  constraint agents_environment_check CHECK (is_id(environment)),
  constraint agents_generation_check CHECK ((generation >= 1)),
  constraint agents_parent_check CHECK (((parent IS NULL) = (parent_generation IS NULL))),
  constraint agents_pkey PRIMARY KEY (tenant, agent),
  constraint agents_purpose_check CHECK ((length(purpose) <= 1000)),
  constraint agents_risk_tier_check CHECK ((risk_tier = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint agents_state_check CHECK ((state = ANY (ARRAY['onboarding'::text, 'active'::text, 'throttled'::text, 'read_only'::text, 'ask_always'::text, 'paused'::text, 'quarantined'::text, 'offboarding'::text, 'offboarded'::text]))),
  constraint agents_team_check CHECK (is_id(team)),
  constraint agents_tenant_creator_fkey FOREIGN KEY (tenant, creator) REFERENCES people(tenant, person),
  constraint agents_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant),
  constraint agents_tenant_owner_fkey FOREIGN KEY (tenant, owner) REFERENCES people(tenant, person),
  constraint agents_tenant_parent_fkey FOREIGN KEY (tenant, parent) REFERENCES agents(tenant, agent)
);
alter table agents enable row level security;
alter table agents force row level security;

create table approval_requests (
  tenant text not null,
  request text not null,
  action text not null,
  round integer not null,
  digest text not null,
  chains text[] not null,
  stages jsonb not null,
  opened_at timestamp with time zone default now() not null,
  deadline timestamp with time zone not null,
  valid_for_ms bigint not null,
  state text default 'open'::text not null,
  reminders integer default 0 not null,
  closed_at timestamp with time zone,
  constraint approval_requests_pkey PRIMARY KEY (tenant, request),
  constraint approval_requests_request_check CHECK ((request ~ '^apr-[0-9a-f-]{36}-[0-9]+$'::text)),
  constraint approval_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'cancelled'::text, 'superseded'::text, 'unanswerable'::text]))),
  constraint approval_requests_tenant_action_round_fkey FOREIGN KEY (tenant, action, round) REFERENCES action_rounds(tenant, action, round),
  constraint approval_requests_tenant_action_round_key UNIQUE (tenant, action, round),
  constraint approval_requests_valid_for_ms_check CHECK ((valid_for_ms > 0))
);
alter table approval_requests enable row level security;
alter table approval_requests force row level security;

create table budgets (
  tenant text not null,
  budget text not null,
  window_start timestamp with time zone not null,
  limit_minor bigint not null,
  held_minor bigint default 0 not null,
  spent_minor bigint default 0 not null,
  constraint budgets_held_minor_check CHECK ((held_minor >= 0)),
  constraint budgets_limit_minor_check CHECK ((limit_minor >= 0)),
  constraint budgets_pkey PRIMARY KEY (tenant, budget, window_start),
  constraint budgets_spent_minor_check CHECK ((spent_minor >= 0)),
  constraint budgets_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table budgets enable row level security;
alter table budgets force row level security;

create table bundles (
  digest text not null,
  version bigint not null,
  signed text not null,
  activated_at timestamp with time zone default now() not null,
  constraint bundles_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint bundles_pkey PRIMARY KEY (digest),
  constraint bundles_version_key UNIQUE (version)
);

create table checkpoints (
  tenant text not null,
  size bigint not null,
  root bytea not null,
  note text not null,
  constraint checkpoints_pkey PRIMARY KEY (tenant, size),
  constraint checkpoints_root_check CHECK ((length(root) = 32)),
  constraint checkpoints_size_check CHECK ((size > 0))
);
alter table checkpoints enable row level security;
alter table checkpoints force row level security;

create table decisions (
  tenant text not null,
  action text not null,
  round integer not null,
  stage text not null,
  effect text not null,
  findings jsonb not null,
  chains text[] not null,
  bundle_digest text not null,
  input jsonb not null,
  input_digest text not null,
  epochs text not null,
  budgeted boolean not null,
  decided_at timestamp with time zone default clock_timestamp() not null,
  constraint decisions_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text, 'require_approval'::text]))),
  constraint decisions_pkey PRIMARY KEY (tenant, action, round, stage, decided_at),
  constraint decisions_tenant_action_round_fkey FOREIGN KEY (tenant, action, round) REFERENCES action_rounds(tenant, action, round)
);
alter table decisions enable row level security;
alter table decisions force row level security;

create table departure_outcomes (
  tenant text not null,
  person text not null,
  kind text not null,
  subject text not null,
  outcome text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint departure_outcomes_check CHECK (
CASE kind
    WHEN 'agent'::text THEN (outcome = ANY (ARRAY['handed_over'::text, 'quarantined'::text, 'rejected'::text, 'offboarding'::text]))
    WHEN 'keys'::text THEN (outcome = 'known'::text)
    WHEN 'approval'::text THEN (outcome = ANY (ARRAY['rerouted'::text, 'unanswerable'::text]))
    WHEN 'group'::text THEN (outcome = 'empty'::text)
    WHEN 'team'::text THEN (outcome = 'ownerless'::text)
    ELSE false
END),
  constraint departure_outcomes_pkey PRIMARY KEY (tenant, person, kind, subject),
  constraint departure_outcomes_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200))),
  constraint departure_outcomes_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES departures(tenant, person)
);
alter table departure_outcomes enable row level security;
alter table departure_outcomes force row level security;

create table departures (
  tenant text not null,
  person text not null,
  departure text default ('dep-'::text || gen_random_uuid()) not null,
  agents_to text,
  actor text not null,
  reason text not null,
  left_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  constraint departures_departure_check CHECK ((departure ~ '^dep-[0-9a-f-]{36}$'::text)),
  constraint departures_pkey PRIMARY KEY (tenant, person),
  constraint departures_reason_check CHECK ((length(reason) <= 1000)),
  constraint departures_tenant_actor_fkey FOREIGN KEY (tenant, actor) REFERENCES people(tenant, person),
  constraint departures_tenant_agents_to_fkey FOREIGN KEY (tenant, agents_to) REFERENCES people(tenant, person),
  constraint departures_tenant_departure_key UNIQUE (tenant, departure),
  constraint departures_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person)
);
alter table departures enable row level security;
alter table departures force row level security;

create table effects (
  tenant text not null,
  action text not null,
  step text not null,
  kind text not null,
  attempt integer default 1 not null,
  state text default 'begun'::text not null,
  round integer not null,
  digest text not null,
  idempotency_key text not null,
  grant_id text not null,
  begun_at timestamp with time zone default clock_timestamp() not null,
  send_by timestamp with time zone not null,
  result jsonb,
  code text,
  settled_at timestamp with time zone,
  constraint effects_attempt_check CHECK (((attempt >= 1) AND (attempt <= 1000))),
  constraint effects_kind_check CHECK ((kind = ANY (ARRAY['do'::text, 'undo'::text]))),
  constraint effects_pkey PRIMARY KEY (tenant, action, step, kind),
  constraint effects_state_check CHECK ((state = ANY (ARRAY['begun'::text, 'unknown'::text, 'absent'::text, 'failed'::text, 'done'::text]))),
  constraint effects_tenant_action_round_fkey FOREIGN KEY (tenant, action, round) REFERENCES action_rounds(tenant, action, round)
);
alter table effects enable row level security;
alter table effects force row level security;

create table fences (
  tenant text not null,
  scope text not null,
  epoch bigint default 1 not null,
  closed boolean not null,
  reason text not null,
  actor text not null,
  moved_at timestamp with time zone default now() not null,
  constraint fences_check CHECK (((scope = 'global'::text) = (tenant = '*'::text))),
  constraint fences_pkey PRIMARY KEY (tenant, scope),
  constraint fences_scope_check CHECK ((scope ~ '^(global|tenant|team:.+|agent:.+|action-type:.+)$'::text)),
  constraint fences_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table fences enable row level security;
alter table fences force row level security;

create table grant_claims (
  tenant text not null,
  grant_id text not null,
  claim integer not null,
  public_key text not null,
  claimed_at timestamp with time zone default clock_timestamp() not null,
  mints integer default 0 not null,
  jwe text,
  minted_at timestamp with time zone,
  constraint grant_claims_claim_check CHECK (((claim >= 1) AND (claim <= 3))),
  constraint grant_claims_jwe_check CHECK ((length(jwe) <= 4096)),
  constraint grant_claims_pkey PRIMARY KEY (tenant, grant_id, claim),
  constraint grant_claims_public_key_check CHECK ((public_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
  constraint grant_claims_tenant_grant_id_fkey FOREIGN KEY (tenant, grant_id) REFERENCES grants(tenant, grant_id),
  constraint grant_claims_tenant_grant_id_public_key_key UNIQUE (tenant, grant_id, public_key)
);
alter table grant_claims enable row level security;
alter table grant_claims force row level security;

create table grants (
  tenant text not null,
  grant_id text not null,
  action text not null,
  step text not null,
  agent text not null,
  target text not null,
  state text default 'intent'::text not null,
  ended_by text,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  revoke_attempts integer default 0 not null,
  next_revoke_at timestamp with time zone,
  last_code text,
  revoked_at timestamp with time zone,
  returned_at timestamp with time zone,
  returned_as text,
  report jsonb,
  verified text,
  verified_at timestamp with time zone,
  constraint grants_check CHECK (((state = 'revoked'::text) = (ended_by IS NOT NULL))),
  constraint grants_ended_by_check CHECK ((ended_by = ANY (ARRAY['revoked'::text, 'expired'::text]))),
  constraint grants_pkey PRIMARY KEY (tenant, grant_id),
  constraint grants_returned CHECK (((returned_at IS NULL) = (returned_as IS NULL))),
  constraint grants_returned_as_check CHECK ((returned_as = ANY (ARRAY['done'::text, 'failed'::text]))),
  constraint grants_state_check CHECK ((state = ANY (ARRAY['intent'::text, 'created'::text, 'claimed'::text, 'revoking'::text, 'revoked'::text]))),
  constraint grants_tenant_action_fkey FOREIGN KEY (tenant, action) REFERENCES actions(tenant, action),
  constraint grants_verified_check CHECK ((verified = ANY (ARRAY['absent'::text, 'unverified'::text])))
);
alter table grants enable row level security;
alter table grants force row level security;

create table group_members (
  tenant text not null,
  group_name text not null,
  person text not null,
  constraint group_members_group_name_check CHECK (is_id(group_name)),
  constraint group_members_pkey PRIMARY KEY (tenant, group_name, person),
  constraint group_members_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person)
);
alter table group_members enable row level security;
alter table group_members force row level security;

create table init_links (
  tenant text not null,
  secret_hash bytea not null,
  person text not null,
  name text not null,
  address text not null,
  expires_at timestamp with time zone default (now() + '00:15:00'::interval) not null,
  used_at timestamp with time zone,
  constraint init_links_name_check CHECK ((length(name) <= 200)),
  constraint init_links_person_check CHECK (is_id(person)),
  constraint init_links_pkey PRIMARY KEY (tenant, secret_hash),
  constraint init_links_secret_hash_check CHECK ((length(secret_hash) = 32)),
  constraint init_links_secret_hash_key UNIQUE (secret_hash),
  constraint init_links_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table init_links enable row level security;
alter table init_links force row level security;

create table ledger (
  tenant text not null,
  seq bigint not null,
  key text not null,
  leaf text not null,
  leaf_hash bytea not null,
  body_commitment text,
  at timestamp with time zone not null,
  constraint ledger_leaf_hash_check CHECK ((length(leaf_hash) = 32)),
  constraint ledger_pkey PRIMARY KEY (tenant, seq),
  constraint ledger_seq_check CHECK ((seq >= 0)),
  constraint ledger_tenant_check CHECK ((tenant ~ '^[a-z0-9-]{1,63}$'::text)),
  constraint ledger_tenant_key_key UNIQUE (tenant, key)
);
alter table ledger enable row level security;
alter table ledger force row level security;

create table ledger_bodies (
  tenant text not null,
  seq bigint not null,
  salt bytea not null,
  body text not null,
  constraint ledger_bodies_pkey PRIMARY KEY (tenant, seq),
  constraint ledger_bodies_salt_check CHECK ((length(salt) = 32)),
  constraint ledger_bodies_tenant_seq_fkey FOREIGN KEY (tenant, seq) REFERENCES ledger(tenant, seq)
);
alter table ledger_bodies enable row level security;
alter table ledger_bodies force row level security;

create table ledger_doubts (
  tenant text not null,
  contradicts bigint not null,
  noticed_at timestamp with time zone default clock_timestamp() not null,
  acknowledged_at timestamp with time zone,
  checkpoint text not null,
  constraint ledger_doubts_pkey PRIMARY KEY (tenant, contradicts, checkpoint)
);
alter table ledger_doubts enable row level security;
alter table ledger_doubts force row level security;

create table mail_links (
  tenant text not null,
  token_hash bytea not null,
  request text not null,
  person text not null,
  digest text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  code_hash bytea,
  code_expires_at timestamp with time zone,
  code_attempts integer default 0 not null,
  codes_sent integer default 0 not null,
  constraint mail_links_code_hash_check CHECK ((length(code_hash) = 32)),
  constraint mail_links_pkey PRIMARY KEY (tenant, token_hash),
  constraint mail_links_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person),
  constraint mail_links_tenant_request_fkey FOREIGN KEY (tenant, request) REFERENCES approval_requests(tenant, request),
  constraint mail_links_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint mail_links_token_hash_key UNIQUE (token_hash)
);
alter table mail_links enable row level security;
alter table mail_links force row level security;

create table notices (
  tenant text not null,
  request text not null,
  version bigint default 1 not null,
  shown_version bigint default 0 not null,
  due_at timestamp with time zone default clock_timestamp() not null,
  attempts integer default 0 not null,
  last_code text,
  held_until timestamp with time zone default '-infinity'::timestamp with time zone not null,
  hold bigint default 0 not null,
  constraint notices_pkey PRIMARY KEY (tenant, request),
  constraint notices_tenant_request_fkey FOREIGN KEY (tenant, request) REFERENCES approval_requests(tenant, request)
);
alter table notices enable row level security;
alter table notices force row level security;

create table offboarding_exceptions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  subject text not null,
  reason text not null,
  accepted_by text not null,
  accepted_at timestamp with time zone default clock_timestamp() not null,
  constraint offboarding_exceptions_pkey PRIMARY KEY (tenant, agent, generation, subject),
  constraint offboarding_exceptions_reason_check CHECK ((length(reason) <= 1000)),
  constraint offboarding_exceptions_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200))),
  constraint offboarding_exceptions_tenant_accepted_by_fkey FOREIGN KEY (tenant, accepted_by) REFERENCES people(tenant, person),
  constraint offboarding_exceptions_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent)
);
alter table offboarding_exceptions enable row level security;
alter table offboarding_exceptions force row level security;

create table outbox (
  tenant text not null,
  id bigint generated always as identity not null,
  kind text not null,
  action text,
  due_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  last_code text,
  done_at timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  agent text,
  generation integer,
  departure text,
  constraint outbox_kind_check CHECK (
CASE kind
    WHEN 'wake'::text THEN ((action IS NOT NULL) AND (agent IS NULL) AND (generation IS NULL) AND (departure IS NULL))
    WHEN 'agent'::text THEN ((action IS NULL) AND (agent IS NOT NULL) AND (generation IS NOT NULL) AND (departure IS NULL))
    WHEN 'departure'::text THEN ((action IS NULL) AND (agent IS NULL) AND (generation IS NULL) AND (departure IS NOT NULL))
    ELSE false
END),
  constraint outbox_pkey PRIMARY KEY (tenant, id),
  constraint outbox_tenant_action_fkey FOREIGN KEY (tenant, action) REFERENCES actions(tenant, action),
  constraint outbox_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint outbox_tenant_departure_fkey FOREIGN KEY (tenant, departure) REFERENCES departures(tenant, departure),
  constraint outbox_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table outbox enable row level security;
alter table outbox force row level security;

create table owed_entries (
  tenant text not null,
  key text not null,
  entry text not null,
  body text,
  owed_since timestamp with time zone default clock_timestamp() not null,
  constraint owed_entries_pkey PRIMARY KEY (tenant, key)
);
alter table owed_entries enable row level security;
alter table owed_entries force row level security;

create table payload_keys (
  key_id text not null,
  check_value bytea not null,
  since timestamp with time zone default clock_timestamp() not null,
  used_until timestamp with time zone default clock_timestamp() not null,
  constraint payload_keys_check_value_check CHECK ((length(check_value) = 32)),
  constraint payload_keys_key_id_check CHECK ((key_id ~ '^[a-z0-9-]{1,32}$'::text)),
  constraint payload_keys_pkey PRIMARY KEY (key_id)
);

create table people (
  tenant text not null,
  person text not null,
  name text not null,
  state text default 'active'::text not null,
  roles text[] default '{}'::text[] not null,
  demo boolean default false not null,
  created_at timestamp with time zone default now() not null,
  human text,
  constraint people_human_check CHECK (is_id(human)),
  constraint people_name_check CHECK ((length(name) <= 200)),
  constraint people_person_check CHECK (is_id(person)),
  constraint people_pkey PRIMARY KEY (tenant, person),
  constraint people_roles_check CHECK ((roles <@ ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'owner'::text, 'admin'::text])),
  constraint people_state_check CHECK ((state = ANY (ARRAY['active'::text, 'left'::text]))),
  constraint people_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table people enable row level security;
alter table people force row level security;

create table person_addresses (
  tenant text not null,
  person text not null,
  address text not null,
  verified_at timestamp with time zone default now() not null,
  constraint person_addresses_address_check CHECK ((((length(address) >= 3) AND (length(address) <= 254)) AND (address ~ '^[!-~]+@[!-~]+$'::text))),
  constraint person_addresses_pkey PRIMARY KEY (tenant, person),
  constraint person_addresses_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person)
);
alter table person_addresses enable row level security;
alter table person_addresses force row level security;

create table person_tokens (
  tenant text not null,
  token_hash bytea not null,
  person text not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  issued_at timestamp with time zone default now() not null,
  issued_by text,
  login text default "left"(encode(token_hash, 'hex'::text), 16),
  constraint person_tokens_pkey PRIMARY KEY (tenant, token_hash),
  constraint person_tokens_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person),
  constraint person_tokens_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint person_tokens_token_hash_key UNIQUE (token_hash)
);
alter table person_tokens enable row level security;
alter table person_tokens force row level security;

create table processes (
  process text not null,
  kind text not null,
  moves_heard bigint not null,
  heard_at timestamp with time zone default clock_timestamp() not null,
  constraint processes_kind_check CHECK ((kind = ANY (ARRAY['gateway'::text, 'worker'::text]))),
  constraint processes_pkey PRIMARY KEY (process),
  constraint processes_process_check CHECK ((length(process) <= 200))
);

create table proposals (
  tenant text not null,
  proposal text not null,
  verb text not null,
  subject text not null,
  what jsonb not null,
  digest text not null,
  proposed_by text not null,
  proposed_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone default (clock_timestamp() + '7 days'::interval) not null,
  state text default 'open'::text not null,
  decided_by text,
  decided_at timestamp with time zone,
  constraint proposals_check CHECK (((state = 'open'::text) = (decided_at IS NULL))),
  constraint proposals_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint proposals_pkey PRIMARY KEY (tenant, proposal),
  constraint proposals_proposal_check CHECK ((proposal ~ '^prp-[0-9a-f-]{36}$'::text)),
  constraint proposals_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'rejected'::text, 'expired'::text]))),
  constraint proposals_subject_check CHECK ((length(subject) <= 200)),
  constraint proposals_tenant_decided_by_fkey FOREIGN KEY (tenant, decided_by) REFERENCES people(tenant, person),
  constraint proposals_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant),
  constraint proposals_tenant_proposed_by_fkey FOREIGN KEY (tenant, proposed_by) REFERENCES people(tenant, person),
  constraint proposals_verb_check CHECK ((verb = ANY (ARRAY['onboard'::text, 'resume'::text, 'lift'::text])))
);
alter table proposals enable row level security;
alter table proposals force row level security;

create table receipts (
  tenant text not null,
  agent text not null,
  generation integer not null,
  receipt jsonb not null,
  digest text not null,
  issued_at timestamp with time zone default clock_timestamp() not null,
  constraint receipts_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint receipts_pkey PRIMARY KEY (tenant, agent, generation),
  constraint receipts_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent)
);
alter table receipts enable row level security;
alter table receipts force row level security;

create table reconciliations (
  tenant text not null,
  reconciliation text not null,
  asked_by text not null,
  asked_at timestamp with time zone default clock_timestamp() not null,
  ends_aliens_of text,
  taken_at timestamp with time zone,
  finished_at timestamp with time zone,
  targets jsonb,
  findings jsonb,
  digest text,
  constraint reconciliations_check CHECK ((num_nulls(finished_at, targets, findings, digest) = ANY (ARRAY[0, 4]))),
  constraint reconciliations_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint reconciliations_pkey PRIMARY KEY (tenant, reconciliation),
  constraint reconciliations_reconciliation_check CHECK ((reconciliation ~ '^rec-[0-9a-f-]{36}$'::text)),
  constraint reconciliations_tenant_asked_by_fkey FOREIGN KEY (tenant, asked_by) REFERENCES people(tenant, person),
  constraint reconciliations_tenant_ends_aliens_of_fkey FOREIGN KEY (tenant, ends_aliens_of) REFERENCES reconciliations(tenant, reconciliation),
  constraint reconciliations_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table reconciliations enable row level security;
alter table reconciliations force row level security;

create table reported_decisions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  stream text not null,
  seq bigint not null,
  digest text not null,
  type text not null,
  params jsonb not null,
  claimed_at timestamp with time zone not null,
  effect text not null,
  bundle_digest text not null,
  input_digest text not null,
  verdict text not null,
  cause text,
  recorded_at timestamp with time zone default clock_timestamp() not null,
  constraint reported_decisions_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint reported_decisions_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text, 'require_approval'::text]))),
  constraint reported_decisions_pkey PRIMARY KEY (tenant, agent, generation, stream, seq, digest),
  constraint reported_decisions_seq_check CHECK ((seq >= 1)),
  constraint reported_decisions_stream_check CHECK ((stream ~ '^[0-9a-f-]{36}$'::text)),
  constraint reported_decisions_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent),
  constraint reported_decisions_verdict_check CHECK ((verdict = ANY (ARRAY['confirmed'::text, 'diverged'::text, 'mismatch'::text])))
);
alter table reported_decisions enable row level security;
alter table reported_decisions force row level security;

create table reservations (
  tenant text not null,
  action text not null,
  budget text not null,
  window_start timestamp with time zone not null,
  amount_minor bigint not null,
  state text default 'held'::text not null,
  constraint reservations_amount_minor_check CHECK ((amount_minor >= 0)),
  constraint reservations_pkey PRIMARY KEY (tenant, action),
  constraint reservations_state_check CHECK ((state = ANY (ARRAY['held'::text, 'spent'::text, 'released'::text]))),
  constraint reservations_tenant_action_fkey FOREIGN KEY (tenant, action) REFERENCES actions(tenant, action),
  constraint reservations_tenant_budget_window_start_fkey FOREIGN KEY (tenant, budget, window_start) REFERENCES budgets(tenant, budget, window_start)
);
alter table reservations enable row level security;
alter table reservations force row level security;

create table review_watches (
  tenant text not null,
  seen_at timestamp with time zone default clock_timestamp() not null,
  watched interval default '00:00:00'::interval not null,
  hour bigint default 0 not null,
  told integer default 0 not null,
  moved integer default 0 not null,
  constraint review_watches_pkey PRIMARY KEY (tenant),
  constraint review_watches_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table review_watches enable row level security;
alter table review_watches force row level security;

create table role_grants (
  tenant text not null,
  person text not null,
  role text not null,
  environment text not null,
  constraint role_grants_environment_check CHECK (is_id(environment)),
  constraint role_grants_pkey PRIMARY KEY (tenant, person, role, environment),
  constraint role_grants_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'owner'::text]))),
  constraint role_grants_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person)
);
alter table role_grants enable row level security;
alter table role_grants force row level security;

create table security_events (
  minute timestamp with time zone not null,
  kind text not null,
  source text not null,
  count integer default 1 not null,
  constraint security_events_kind_check CHECK ((length(kind) <= 64)),
  constraint security_events_pkey PRIMARY KEY (minute, kind, source),
  constraint security_events_source_check CHECK ((length(source) <= 64))
);

create table served_identities (
  tenant text not null,
  agent text not null,
  generation integer not null,
  digest text not null,
  identity jsonb not null,
  served_at timestamp with time zone default now() not null,
  constraint served_identities_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint served_identities_pkey PRIMARY KEY (tenant, agent, generation, digest),
  constraint served_identities_tenant_agent_fkey FOREIGN KEY (tenant, agent) REFERENCES agents(tenant, agent)
);
alter table served_identities enable row level security;
alter table served_identities force row level security;

create table slack_deliveries (
  tenant text not null,
  delivery bytea not null,
  received_at timestamp with time zone default clock_timestamp() not null,
  constraint slack_deliveries_delivery_check CHECK ((length(delivery) = 32)),
  constraint slack_deliveries_pkey PRIMARY KEY (tenant, delivery),
  constraint slack_deliveries_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table slack_deliveries enable row level security;
alter table slack_deliveries force row level security;

create table slack_identities (
  tenant text not null,
  slack_team text not null,
  slack_user text not null,
  person text not null,
  linked_at timestamp with time zone default now() not null,
  linked_by text not null,
  constraint slack_identities_pkey PRIMARY KEY (tenant, slack_team, slack_user),
  constraint slack_identities_slack_team_check CHECK ((slack_team ~ '^[A-Z0-9]{1,32}$'::text)),
  constraint slack_identities_slack_user_check CHECK ((slack_user ~ '^[A-Z0-9]{1,32}$'::text)),
  constraint slack_identities_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person),
  constraint slack_identities_tenant_slack_team_person_key UNIQUE (tenant, slack_team, person)
);
alter table slack_identities enable row level security;
alter table slack_identities force row level security;

create table slack_link_codes (
  tenant text not null,
  code_hash bytea not null,
  slack_team text not null,
  slack_user text not null,
  expires_at timestamp with time zone default (now() + '00:10:00'::interval) not null,
  used_at timestamp with time zone,
  constraint slack_link_codes_code_hash_check CHECK ((length(code_hash) = 32)),
  constraint slack_link_codes_code_hash_key UNIQUE (code_hash),
  constraint slack_link_codes_pkey PRIMARY KEY (tenant, code_hash),
  constraint slack_link_codes_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenants(tenant)
);
alter table slack_link_codes enable row level security;
alter table slack_link_codes force row level security;

create table surfaces (
  tenant text not null,
  request text not null,
  surface text not null,
  channel text not null,
  place text not null,
  external_id text,
  version bigint default 0 not null,
  shown_digest text,
  state text default 'intended'::text not null,
  intended_at timestamp with time zone default clock_timestamp() not null,
  shown_at timestamp with time zone,
  last_code text,
  constraint surfaces_channel_check CHECK ((channel = ANY (ARRAY['slack'::text, 'email'::text]))),
  constraint surfaces_pkey PRIMARY KEY (tenant, request, surface),
  constraint surfaces_place_check CHECK ((length(place) <= 300)),
  constraint surfaces_state_check CHECK ((state = ANY (ARRAY['intended'::text, 'shown'::text, 'gone'::text]))),
  constraint surfaces_surface_check CHECK (((length(surface) >= 1) AND (length(surface) <= 200))),
  constraint surfaces_tenant_request_fkey FOREIGN KEY (tenant, request) REFERENCES notices(tenant, request)
);
alter table surfaces enable row level security;
alter table surfaces force row level security;

create table tasks (
  tenant text not null,
  task text not null,
  action text not null,
  step text not null,
  kind text not null,
  state text default 'open'::text not null,
  opened_at timestamp with time zone default now() not null,
  resolution text,
  reason text,
  resolved_by text,
  resolved_at timestamp with time zone,
  constraint tasks_check CHECK (((state = 'resolved'::text) = ((resolution IS NOT NULL) AND (resolved_by IS NOT NULL) AND (reason IS NOT NULL)))),
  constraint tasks_kind_check CHECK ((kind = ANY (ARRAY['unknown_outcome'::text, 'undo_stuck'::text, 'revocation_overdue'::text]))),
  constraint tasks_pkey PRIMARY KEY (tenant, task),
  constraint tasks_reason_check CHECK ((length(reason) <= 1000)),
  constraint tasks_resolution_check CHECK ((resolution = ANY (ARRAY['happened'::text, 'did_not_happen'::text, 'mended'::text]))),
  constraint tasks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text]))),
  constraint tasks_tenant_action_fkey FOREIGN KEY (tenant, action) REFERENCES actions(tenant, action)
);
alter table tasks enable row level security;
alter table tasks force row level security;

create table tenants (
  tenant text not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  constraint tenants_pkey PRIMARY KEY (tenant),
  constraint tenants_tenant_check CHECK ((is_id(tenant) OR (tenant = '*'::text)))
);
alter table tenants enable row level security;
alter table tenants force row level security;

create table votes (
  tenant text not null,
  request text not null,
  person text not null,
  choice text not null,
  stage integer not null,
  digest text not null,
  reason text,
  channel text not null,
  cast_at timestamp with time zone default clock_timestamp() not null,
  constraint votes_channel_check CHECK ((channel = ANY (ARRAY['api'::text, 'cli'::text, 'slack'::text, 'email'::text, 'console'::text]))),
  constraint votes_choice_check CHECK ((choice = ANY (ARRAY['approve'::text, 'deny'::text]))),
  constraint votes_pkey PRIMARY KEY (tenant, request, person, choice),
  constraint votes_reason_check CHECK ((length(reason) <= 1000)),
  constraint votes_tenant_person_fkey FOREIGN KEY (tenant, person) REFERENCES people(tenant, person),
  constraint votes_tenant_request_fkey FOREIGN KEY (tenant, request) REFERENCES approval_requests(tenant, request)
);
alter table votes enable row level security;
alter table votes force row level security;

-- Views

create view account_links with (security_invoker=true) as
 SELECT people.tenant,
    people.person,
    'human:'::text || COALESCE(people.human, people.person) AS link
   FROM people
UNION ALL
 SELECT person_addresses.tenant,
    person_addresses.person,
    'mail:'::text || mailbox_of(person_addresses.address) AS link
   FROM person_addresses
UNION ALL
 SELECT slack_identities.tenant,
    slack_identities.person,
    'slack:'::text || slack_identities.slack_user AS link
   FROM slack_identities;

create view valid_votes with (security_invoker=true) as
 SELECT v.tenant,
    v.request,
    v.person,
    v.choice,
    v.stage,
    v.cast_at,
    human_of(v.tenant, v.person) AS human
   FROM votes v
     JOIN approval_requests r USING (tenant, request)
     JOIN actions a USING (tenant, action)
  WHERE v.digest = r.digest AND (v.choice = 'deny'::text OR has_role(v.tenant, v.person, 'approver'::text, a.environment) AND stage_entitles(v.tenant, r.stages -> v.stage, r.opened_at, v.person, v.cast_at) AND NOT (v.person IN ( SELECT conflicted_people(v.tenant, r.action) AS conflicted_people)));

-- Indexes that are not constraints

CREATE INDEX actions_of_agent ON public.actions USING btree (tenant, agent, created_at);
CREATE INDEX actions_of_agent_ended ON public.actions USING btree (tenant, agent, settled_at);
CREATE INDEX actions_open ON public.actions USING btree (tenant, created_at) WHERE (settled_at IS NULL);
CREATE INDEX agent_credentials_of ON public.agent_credentials USING btree (tenant, agent, generation);
CREATE INDEX agent_notes_due ON public.agent_notes USING btree (due_at) WHERE (done_at IS NULL);
CREATE INDEX agent_reviews_due ON public.agent_reviews USING btree (look_at);
CREATE INDEX agent_reviews_open ON public.agent_reviews USING btree (tenant, due_at) WHERE ((stage <> 'confirmed'::text) OR (warnings > 0));
CREATE INDEX agents_of_parent ON public.agents USING btree (tenant, parent) WHERE (parent IS NOT NULL);
CREATE INDEX approval_requests_open ON public.approval_requests USING btree (tenant, request) WHERE (state = 'open'::text);
CREATE INDEX grants_live ON public.grants USING btree (expires_at) WHERE (state <> 'revoked'::text);
CREATE INDEX grants_of_action ON public.grants USING btree (tenant, action);
CREATE INDEX grants_of_agent_ended ON public.grants USING btree (tenant, agent, revoked_at);
CREATE INDEX mail_links_of_request ON public.mail_links USING btree (tenant, request, person);
CREATE INDEX notices_due ON public.notices USING btree (due_at) WHERE (shown_version < version);
CREATE INDEX outbox_due ON public.outbox USING btree (due_at) WHERE (done_at IS NULL);
CREATE INDEX outbox_of_action ON public.outbox USING btree (tenant, action);
CREATE INDEX people_human ON public.people USING btree (tenant, (('human:'::text || COALESCE(human, person))));
CREATE INDEX person_addresses_mailbox ON public.person_addresses USING btree (tenant, (('mail:'::text || mailbox_of(address))));
CREATE INDEX reconciliations_open ON public.reconciliations USING btree (asked_at) WHERE (finished_at IS NULL);
CREATE INDEX reported_decisions_of_agent ON public.reported_decisions USING btree (tenant, agent, recorded_at);
CREATE INDEX reported_decisions_time ON public.reported_decisions USING btree (tenant, agent, generation, stream, claimed_at) WHERE (verdict <> 'mismatch'::text);
CREATE INDEX reservations_held ON public.reservations USING btree (tenant, action) WHERE (state = 'held'::text);
CREATE INDEX slack_identities_person ON public.slack_identities USING btree (tenant, person);
CREATE INDEX slack_identities_user ON public.slack_identities USING btree (tenant, (('slack:'::text || slack_user)));
CREATE INDEX tasks_open ON public.tasks USING btree (opened_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX decisions_initial ON public.decisions USING btree (tenant, action, round) WHERE (stage = 'initial'::text);
CREATE UNIQUE INDEX person_addresses_one ON public.person_addresses USING btree (tenant, lower(address));
CREATE UNIQUE INDEX proposals_open ON public.proposals USING btree (tenant, verb, subject) WHERE (state = 'open'::text);

-- Row security

create policy own_tenant on action_rounds for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on actions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on admin_proposals for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_assertions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_credentials for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_enrolments for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_keys for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_notes for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy every_tenant_by_trigger on agent_reviews for all to countersign_guard using (true) with check (true);
create policy own_tenant on agent_reviews for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agent_versions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on agents for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on approval_requests for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on budgets for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy tenant_rows on checkpoints for select to public using ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on decisions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on departure_outcomes for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on departures for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on effects for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant_and_global on fences for all to public using ((tenant = ANY (ARRAY[current_setting('app.tenant'::text, true), '*'::text]))) with check ((tenant = ANY (ARRAY[current_setting('app.tenant'::text, true), '*'::text])));
create policy own_tenant on grant_claims for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on grants for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on group_members for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on init_links for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy ledger_writer_adds on ledger for insert to countersign_ledger with check (true);
create policy ledger_writer_reads on ledger for select to countersign_ledger using (true);
create policy tenant_rows on ledger for select to public using ((tenant = current_setting('app.tenant'::text, true)));
create policy ledger_writer_adds on ledger_bodies for insert to countersign_ledger with check (true);
create policy tenant_rows on ledger_bodies for select to public using ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on ledger_doubts for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on mail_links for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy every_tenant_by_trigger on notices for all to countersign_guard using (true) with check (true);
create policy own_tenant on notices for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on offboarding_exceptions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy every_tenant_by_trigger on outbox for all to countersign_guard using (true) with check (true);
create policy own_tenant on outbox for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on owed_entries for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on people for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on person_addresses for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on person_tokens for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on proposals for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on receipts for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on reconciliations for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on reported_decisions for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on reservations for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on review_watches for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on role_grants for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on served_identities for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on slack_deliveries for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on slack_identities for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on slack_link_codes for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on surfaces for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on tasks for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on tenants for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));
create policy own_tenant on votes for all to public using ((tenant = current_setting('app.tenant'::text, true))) with check ((tenant = current_setting('app.tenant'::text, true)));

-- Triggers

CREATE TRIGGER keep_cancellation BEFORE UPDATE OF cancel_requested_at, cancel_requested_by ON actions FOR EACH ROW WHEN (old.cancel_requested_at IS NOT NULL) EXECUTE FUNCTION keep_cancellation();
CREATE TRIGGER note_end AFTER UPDATE OF settled_at ON actions FOR EACH ROW WHEN (old.settled_at IS NULL AND new.settled_at IS NOT NULL) EXECUTE FUNCTION note_change();
CREATE TRIGGER count_agent_stop BEFORE UPDATE OF state ON agents FOR EACH ROW WHEN (new.state <> old.state AND (new.state = ANY (ARRAY['paused'::text, 'quarantined'::text, 'offboarding'::text]))) EXECUTE FUNCTION count_agent_stop();
CREATE TRIGGER review_agent_made AFTER INSERT ON agents FOR EACH ROW EXECUTE FUNCTION review_agent();
CREATE TRIGGER review_agent_moved AFTER UPDATE OF state, generation ON agents FOR EACH ROW WHEN (old.state <> new.state OR old.generation <> new.generation) EXECUTE FUNCTION review_agent();
CREATE TRIGGER wake_agent_made AFTER INSERT ON agents FOR EACH ROW EXECUTE FUNCTION wake_agent();
CREATE TRIGGER wake_agent_moved AFTER UPDATE OF state, generation ON agents FOR EACH ROW WHEN (old.state <> new.state OR old.generation <> new.generation) EXECUTE FUNCTION wake_agent();
CREATE TRIGGER note_opening AFTER INSERT ON approval_requests FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_rerouting AFTER UPDATE OF stages ON approval_requests FOR EACH ROW WHEN (old.stages <> new.stages) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_standing AFTER UPDATE OF state, reminders ON approval_requests FOR EACH ROW WHEN (old.state <> new.state OR old.reminders <> new.reminders) EXECUTE FUNCTION note_change();
CREATE TRIGGER checkpoints_append_only BEFORE DELETE OR UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_in_doubt BEFORE INSERT ON effects FOR EACH ROW EXECUTE FUNCTION refuse_in_doubt();
CREATE TRIGGER told AFTER INSERT OR UPDATE ON fences FOR EACH STATEMENT EXECUTE FUNCTION tell_fence_moved();
CREATE TRIGGER grants_forget_sealed AFTER UPDATE OF state ON grants FOR EACH ROW WHEN (new.state = 'revoked'::text AND old.state <> 'revoked'::text) EXECUTE FUNCTION forget_sealed();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_bodies_no_truncate BEFORE TRUNCATE ON ledger_bodies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_bodies_no_update BEFORE UPDATE ON ledger_bodies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_vote AFTER INSERT ON votes FOR EACH ROW EXECUTE FUNCTION note_change();

-- Functions, each with its owner

CREATE OR REPLACE FUNCTION public.access_ended(p_tenant text, p_grant text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when g.returned_at is not null then 'returned'
    when a.cancel_requested_at is not null then 'cancelled'
    when g.grant_id is null or a.action is null or e.grant_id is null or d.epochs is null or f.epochs is null then 'revoked'
    when f.closed is not null or f.epochs <> d.epochs then 'fenced'
    when line_stopped(a.tenant, a.agent, a.agent_generation, a.effect_class, true) is not null then 'agent_not_active'
    when g.state in ('revoking', 'revoked') then 'revoked'
    when g.expires_at <= clock_timestamp() then 'expired'
  end
  from (values (p_tenant, p_grant)) asked (tenant, grant_id)
  left join grants g using (tenant, grant_id)
  left join actions a on (a.tenant, a.action) = (g.tenant, g.action)
  left join effects e on (e.tenant, e.action, e.grant_id) = (g.tenant, g.action, g.grant_id)
  left join decisions d on (d.tenant, d.action, d.round, d.stage) = (a.tenant, a.action, e.round, 'initial')
  left join lateral read_fences(a.tenant, a.agent, a.team, a.type) f on true
$function$;
alter function access_ended(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.accounts_of(p_tenant text, p_people text[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with recursive same (person) as (
    select unnest(p_people)
    union
    select b.person
    from same s
    join account_links a on a.tenant = p_tenant and a.person = s.person
    join account_links b on b.tenant = p_tenant and b.link = a.link
  )
  select person from same where person is not null
$function$;
alter function accounts_of(text,text[]) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.activate_bundle(p_digest text, p_version bigint, p_signed text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare v_current bundles;
begin
  perform pg_advisory_xact_lock(7001, 0);
  select * into v_current from bundles order by version desc limit 1;
  if v_current.digest = p_digest then
    update bundles set version = p_version, signed = p_signed
    where digest = p_digest and p_version >= version and (version, signed) is distinct from (p_version, p_signed);
    return 'active';
  end if;
  if v_current.version = p_version then return 'taken'; end if;
  if v_current.version > p_version then return 'older'; end if;
  insert into bundles (digest, version, signed) values (p_digest, p_version, p_signed)
  on conflict (digest) do update set version = excluded.version, signed = excluded.signed, activated_at = clock_timestamp();
  return 'active';
end $function$;
alter function activate_bundle(text,bigint,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.agent_stopped(p_state text, p_effect_class text, p_asked boolean)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case
    when p_state in ('active', 'throttled') then null
    when p_state = 'read_only' and p_effect_class = 'read' then null
    when p_state = 'ask_always' and p_asked then null
    when p_state in ('read_only', 'ask_always') then 'agent_restricted'
    when p_state = 'paused' then 'agent_paused'
    else 'agent_not_active'
  end
$function$;
alter function agent_stopped(text,text,boolean) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.answer_review(p_tenant text, p_actor text, p_agent text, p_choice text, p_digest text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  a agents;
  w agent_reviews;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  select * into w from agent_reviews where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when p_actor in (select accounts_of(p_tenant, people_once_behind(p_tenant, p_agent))) then 'self_approval'
    when p_choice not in ('keep', 'end')
      or not (has_role(p_tenant, p_actor, 'approver', a.environment) or has_role(p_tenant, p_actor, 'admin', '*')) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when a.state in ('onboarding', 'offboarding', 'offboarded') or w.stage = 'confirmed' and w.warnings = 0 then 'review_not_open'
    when p_digest is distinct from rights_digest(a) then 'digest_mismatch'
    when p_choice = 'keep' and not exists (select from people where tenant = p_tenant and person = a.owner and state = 'active') then 'owner_not_active'
  end;
  if v_refused is not null then return v_refused; end if;
  perform tell_life(p_tenant, p_agent, 'agent.reviewed', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'choice', p_choice,
    'stage', w.stage, 'warnings', w.warnings, 'rights', p_digest), p_reason, p_choice = 'end');
  if p_choice = 'end' then return shift_agent(p_tenant, p_agent, a.generation, 'offboard', p_actor, p_reason); end if;
  update agent_reviews set look_at = clock_timestamp(), confirmed_at = clock_timestamp(), confirmed_by = p_actor, stage = 'confirmed', due_at = null,
    stage_watched = null, warnings = 0, warned_at = null, warned_watched = null, asked_before = null, reclaimed_at = null,
    -- Only of what was listed as idle has somebody said that it is wanted all the same.
    kept_at = case when w.warnings > 0 then clock_timestamp() else w.kept_at end
  where tenant = p_tenant and agent = p_agent;
  return 'done';
end $function$;
alter function answer_review(text,text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.approvals_in(p_tenant text, p_request text, p_stage bigint)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select count(*) from (
    select min(v.stage) as stage from valid_votes v
    where v.tenant = p_tenant and v.request = p_request and v.choice = 'approve'
    group by v.human) h
  where h.stage = p_stage
$function$;
alter function approvals_in(text,text,bigint) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.ask_reconciliation(p_tenant text, p_actor text, p_ends_aliens_of text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare v_id text := 'rec-' || gen_random_uuid();
begin
  if not operates(p_tenant, p_actor, '*') then return jsonb_build_object('refused', 'forbidden'); end if;
  if p_ends_aliens_of is not null then
    if not exists (select from reconciliations where tenant = p_tenant and reconciliation = p_ends_aliens_of and finished_at is not null) then
      return jsonb_build_object('refused', 'not_found');
    end if;
    if coalesce(trim(p_reason), '') = '' then return jsonb_build_object('refused', 'reason_required'); end if;
  end if;
  insert into reconciliations (tenant, reconciliation, asked_by, ends_aliens_of) values (p_tenant, v_id, p_actor, p_ends_aliens_of);
  perform ledger_write(p_tenant, array['reconciliation/' || v_id || '/asked'],
    array[canonical_object(jsonb_strip_nulls(jsonb_build_object('event', 'reconciliation.asked', 'actor', p_actor, 'reconciliation', v_id,
      'endsAliensOf', p_ends_aliens_of)))],
    array[canonical_object(case when p_reason is not null then jsonb_build_object('reason', p_reason) end)]);
  return jsonb_build_object('id', v_id);
end $function$;
alter function ask_reconciliation(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.authenticate_agent(p_key_hash bytea)
 RETURNS TABLE(tenant text, agent text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select k.tenant, k.agent
  from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
  where k.key_hash = p_key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())
$function$;
alter function authenticate_agent(bytea) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.authenticate_person(p_token_hash bytea)
 RETURNS TABLE(tenant text, person text, name text, roles text[], roles_in jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select p.tenant, p.person, p.name, p.roles, (
    select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'environment', g.environment) order by g.role, g.environment), '[]')
    from role_grants g where (g.tenant, g.person) = (p.tenant, p.person))
  from person_tokens t join people p using (tenant, person)
  where t.token_hash = p_token_hash and t.revoked_at is null and t.expires_at > now() and p.state = 'active'
$function$;
alter function authenticate_person(bytea) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.authenticate_token(p_tenant text, p_agent text, p_generation integer, p_epoch bigint, p_kid text)
 RETURNS TABLE(tenant text, agent text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select c.tenant, c.agent
  from agent_credentials c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.agent, c.generation)
  where c.tenant = p_tenant and c.kid = p_kid and c.agent = p_agent and c.generation = p_generation and is_good(c)
    and a.state not in ('offboarding', 'offboarded') and epoch_of(a) = p_epoch
$function$;
alter function authenticate_token(text,text,integer,bigint,text) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.begin_departure(p_tenant text, p_actor text, p_reason text, p_change jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  v_person text := p_change ->> 'person';
  v_group text;
  v_begun boolean;
begin
  insert into departures (tenant, person, agents_to, actor, reason)
  values (p_tenant, v_person, p_change ->> 'agentsTo', p_actor, p_reason) on conflict do nothing;
  v_begun := found;
  insert into outbox (tenant, kind, departure)
  select p_tenant, 'departure', d.departure from departures d where d.tenant = p_tenant and d.person = v_person and d.finished_at is null;
  if not v_begun then return false; end if;
  for v_group in
    insert into departure_outcomes (tenant, person, kind, subject, outcome)
    select p_tenant, v_person, 'group', m.group_name, 'empty' from group_members m
    where m.tenant = p_tenant and m.person = v_person and not exists (
      select from group_members o join people p using (tenant, person)
      where o.tenant = p_tenant and o.group_name = m.group_name and p.state = 'active')
    returning subject
  loop
    perform tell_people(p_tenant, 'group.left_empty', jsonb_build_object('actor', p_actor, 'person', v_person, 'group', v_group), '{}');
  end loop;
  return true;
end $function$;
alter function begin_departure(text,text,text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.begin_effect(p_tenant text, p_action text, p_step text, p_target text, p_round integer, p_digest text, p_facts_digest text, p_bundle_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  a actions;
  d decisions;
  r approval_requests;
  v_fence record;
  v_agent text;
  v_refused text;
begin
  perform pass_gates(p_tenant);
  select * into r from approval_requests where tenant = p_tenant and action = p_action and round = p_round for update;
  select * into a from actions where tenant = p_tenant and action = p_action for no key update;
  select * into d from decisions where tenant = p_tenant and action = p_action and round = p_round and stage = 'initial';
  select * into v_fence from read_fences(p_tenant, a.agent, a.team, a.type);
  v_agent := coalesce(line_stopped(p_tenant, a.agent, a.agent_generation, a.effect_class, d.effect = 'require_approval'), 'may');

  v_refused := case
    when a.action is null then 'not_found'
    when exists (
      select from effects e where e.tenant = p_tenant and e.action = p_action and e.step = p_step and e.kind = 'do' and e.state <> 'absent') then 'begun_before'
    when d.action is null or d.effect = 'deny' then 'not_decided'
    when a.settled_at is not null or a.state = 'undoing' or exists (
      select from effects u where u.tenant = p_tenant and u.action = p_action and u.kind = 'undo') then 'action_closed'
    when a.cancel_requested_at is not null then 'cancelled'
    when a.round <> p_round or not exists (
      select from action_rounds w where w.tenant = p_tenant and w.action = p_action and w.round = p_round
        and w.digest = p_digest and w.facts_digest = p_facts_digest) then 'digest_mismatch'
    when v_fence.closed is not null then 'scope_fenced'
    when v_fence.epochs <> d.epochs then 'fence_moved'
    when v_agent <> 'may' then v_agent
    when p_bundle_digest is distinct from (select digest from bundles order by version desc limit 1) then 'bundle_stale'
    when (select f.effect = 'deny' or f.bundle_digest <> p_bundle_digest from decisions f
          where f.tenant = p_tenant and f.action = p_action and f.round = p_round and f.stage = 'preflight/' || p_step
          order by f.decided_at desc limit 1) is distinct from false then 'not_decided'
    when d.effect = 'require_approval' then refused_by_votes(r)
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;

  if d.budgeted then
    perform from reservations where tenant = p_tenant and action = p_action and state = 'held' for update;
    if not found then return jsonb_build_object('refused', 'budget_lost'); end if;
  end if;
  return open_effect(p_tenant, p_action, p_step, 'do', p_target, a.agent, p_round, p_digest, p_send_within_ms, p_grant_ttl_ms);
end $function$;
alter function begin_effect(text,text,text,text,integer,text,text,text,integer,bigint) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.begin_mint(p_tenant text, p_grant text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  g grants;
  c grant_claims;
begin
  perform pass_gates(p_tenant);
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  select * into c from grant_claims where tenant = p_tenant and grant_id = p_grant order by claim desc limit 1;
  if c.claim is null or c.jwe is not null then return jsonb_build_object('refused', 'nothing_to_mint'); end if;
  if access_ended(p_tenant, p_grant) is not null then return jsonb_build_object('refused', 'grant_over'); end if;
  update grant_claims set mints = mints + 1 where tenant = p_tenant and grant_id = p_grant and claim = c.claim;
  update grants set state = 'created' where tenant = p_tenant and grant_id = p_grant and state = 'intent';
  return jsonb_build_object('begun', jsonb_build_object('claim', c.claim, 'key', c.public_key, 'mint', c.mints + 1,
    'leftMs', floor(extract(epoch from g.expires_at - clock_timestamp()) * 1000)));
end $function$;
alter function begin_mint(text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.begin_undo(p_tenant text, p_action text, p_step text, p_target text, p_send_within_ms integer, p_grant_ttl_ms bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  a actions;
  e effects;
begin
  -- The action before its effects, as in begin_effect: it must not end while its undoing begins. Who only names it in a row of theirs need not wait:
  -- they may hold the ledger, which is wanted next.
  select * into a from actions where tenant = p_tenant and action = p_action for no key update;
  select * into e from effects where tenant = p_tenant and action = p_action and step = p_step and kind = 'do' for update;
  if e.state is distinct from 'done' then return jsonb_build_object('refused', 'nothing_to_undo'); end if;
  -- What an ended action did stands.
  if a.settled_at is not null then return jsonb_build_object('refused', 'action_closed'); end if;
  if exists (select from tasks where tenant = p_tenant and task = p_action || '.' || p_step || '.undo_stuck' and state = 'resolved') then
    return jsonb_build_object('refused', 'mended_by_person');
  end if;
  return open_effect(p_tenant, p_action, p_step, 'undo', p_target, a.agent, e.round, e.digest, p_send_within_ms, p_grant_ttl_ms);
end $function$;
alter function begin_undo(text,text,text,text,integer,bigint) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.born_of(p_tenant text, p_agent text)
 RETURNS TABLE(agent text, generation integer, state text)
 LANGUAGE sql
 STABLE
AS $function$
  with recursive born as (
    select c.agent, c.generation, c.state, 1 as length from agents c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.parent, c.parent_generation)
    where c.tenant = p_tenant and c.parent = p_agent
    union all
    select c.agent, c.generation, c.state, b.length + 1 from born b
    join agents c on (c.tenant, c.parent, c.parent_generation) = (p_tenant, b.agent, b.generation)
    where b.length < max_line()
  )
  select agent, generation, state from born
$function$;
alter function born_of(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.cancel_for_offboarding(p_tenant text, p_agent text, p_generation integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_action text;
  v_asked integer := 0;
begin
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  for v_action in
    update actions set cancel_requested_at = clock_timestamp(), cancel_requested_by = 'offboarding'
    where tenant = p_tenant and agent = p_agent and agent_generation = p_generation and settled_at is null and cancel_requested_at is null
    returning action
  loop
    insert into outbox (tenant, kind, action) values (p_tenant, 'wake', v_action);
    perform ledger_write(p_tenant, array['action/' || v_action || '/cancel_requested'],
      array[canonical_object(jsonb_build_object('action', v_action, 'by', 'offboarding', 'event', 'action.cancel_requested'))], array[null]::text[]);
    v_asked := v_asked + 1;
  end loop;
  return v_asked;
end $function$;
alter function cancel_for_offboarding(text,text,integer) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.canonical_object(p jsonb)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  v_name text;
  v_text text;
begin
  if jsonb_typeof(p) <> 'object' then
    raise exception 'canonical_object takes an object, not %', jsonb_typeof(p)
      using errcode = 'invalid_parameter_value';
  end if;
  select e.key into v_name
  from jsonb_each(p) e
  where e.key !~ '^[\x20-\x7e]*$'
     or case jsonb_typeof(e.value)
          when 'number' then e.value::text !~ '^-?[0-9]{1,16}$' or abs(e.value::numeric) > 9007199254740991
          else jsonb_typeof(e.value) in ('object', 'array')
        end
  limit 1;
  if found then
    raise exception 'canonical_object: member % has a name or a value that it does not take', to_json(v_name)
      using errcode = 'invalid_parameter_value';
  end if;
  select string_agg(to_json(e.key)::text || ':' || e.value::text, ',' order by e.key collate "C") into v_text
  from jsonb_each(p) e;
  return '{' || coalesce(v_text, '') || '}';
end
$function$;
alter function canonical_object(jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.canonical_text(p text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (to_json(p))::text;
alter function canonical_text(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.cast_vote(p_tenant text, p_request text, p_person text, p_choice text, p_digest text, p_reason text, p_channel text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  r approval_requests;
  v_stage integer;
begin
  select * into r from approval_requests where tenant = p_tenant and request = p_request for update;
  if not found then return 'not_found'; end if;
  if p_person in (select conflicted_people(p_tenant, r.action)) then return 'self_approval'; end if;
  if not has_role(p_tenant, p_person, 'approver', (select environment from actions where tenant = p_tenant and action = r.action)) then
    return 'not_entitled';
  end if;
  -- Whichever of their accounts it was.
  if exists (select from votes where tenant = p_tenant and request = p_request and choice in (p_choice, 'deny')
             and person in (select accounts_of(p_tenant, array[p_person]))) then
    return 'already_voted';
  end if;
  -- A denial still counts after the last approval, until an effect has begun or the action has ended.
  if r.state <> 'open' and not (
    p_choice = 'deny' and r.state = 'approved'
    and not exists (select from effects e where e.tenant = p_tenant and e.action = r.action and e.round = r.round)
    and exists (select from actions a where a.tenant = p_tenant and a.action = r.action and a.settled_at is null)
  ) then return case r.state when 'expired' then 'approval_expired' else 'approval_closed' end; end if;
  -- The deadline is exclusive, and told by this clock alone; read after the lock, for the wait may have passed it.
  if r.state = 'open' and clock_timestamp() >= r.deadline then return 'approval_expired'; end if;
  if p_digest is distinct from r.digest then return 'digest_mismatch'; end if;

  select (s.ordinality - 1)::integer into v_stage
  from jsonb_array_elements(r.stages) with ordinality s
  where stage_entitles(p_tenant, s.value, r.opened_at, p_person, clock_timestamp())
    and (p_choice = 'deny' or s.ordinality - 1 = (
      select min(o.ordinality - 1) from jsonb_array_elements(r.stages) with ordinality o
      where approvals_in(p_tenant, p_request, o.ordinality - 1) < (o.value ->> 'need')::integer))
  order by s.ordinality limit 1;
  if v_stage is null then return 'not_entitled'; end if;
  if (p_choice = 'deny' or r.stages -> v_stage ->> 'reason' = 'required') and coalesce(trim(p_reason), '') = '' then
    return 'reason_required';
  end if;

  insert into votes (tenant, request, person, choice, stage, digest, reason, channel)
  values (p_tenant, p_request, p_person, p_choice, v_stage, p_digest, p_reason, p_channel);
  -- The gateway wakes the workflow itself, at once; this row does it if the gateway dies first.
  insert into outbox (tenant, kind, action, due_at) values (p_tenant, 'wake', r.action, clock_timestamp() + interval '2 seconds');
  perform ledger_write(p_tenant, array['vote/' || p_request || '/' || p_person || '/' || p_choice],
    array[canonical_object(jsonb_build_object('action', r.action, 'channel', p_channel, 'digest', p_digest, 'event', 'vote.cast',
      'person', p_person, 'request', p_request, 'stage', v_stage, 'choice', p_choice))],
    array[case when p_reason is null then null else canonical_object(jsonb_build_object('reason', p_reason)) end]);
  return 'recorded';
end $function$;
alter function cast_vote(text,text,text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.change_links(p_tenant text, p_actor text, p_change jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_person text := p_change ->> 'person';
  v_address text := p_change ->> 'address';
begin
  case p_change ->> 'do'
    when 'link_slack' then
      insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
      values (p_tenant, p_change ->> 'slackTeam', p_change ->> 'slackUser', v_person, p_actor) on conflict do nothing;
      if not found then
        return case when exists (select from slack_identities where (tenant, slack_team, slack_user, person)
          = (p_tenant, p_change ->> 'slackTeam', p_change ->> 'slackUser', v_person)) then 'unchanged' else 'identity_taken' end;
      end if;
    when 'unlink_slack' then
      delete from slack_identities where tenant = p_tenant and person = v_person and slack_team = p_change ->> 'slackTeam';
    when 'link_address' then
      if exists (select from person_addresses where tenant = p_tenant and lower(address) = lower(v_address) and person <> v_person) then return 'identity_taken'; end if;
      insert into person_addresses as a (tenant, person, address) values (p_tenant, v_person, v_address)
      on conflict (tenant, person) do update set address = excluded.address, verified_at = now() where a.address <> excluded.address;
    when 'unlink_address' then
      delete from person_addresses where tenant = p_tenant and person = v_person;
    when 'same' then
      if not exists (select from people where tenant = p_tenant and person = p_change ->> 'sameAs') then return 'not_found'; end if;
      -- All accounts of both become one human; it cannot be taken apart again here, for that would bring a vote back.
      update people p set human = h.human
      from (select min(a) as human from accounts_of(p_tenant, array[v_person, p_change ->> 'sameAs']) a) h
      where p.tenant = p_tenant and p.person in (select accounts_of(p_tenant, array[v_person, p_change ->> 'sameAs'])) and p.human is distinct from h.human;
  end case;
  return case when found then 'done' else 'unchanged' end;
end $function$;
alter function change_links(text,text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.change_logins(p_tenant text, p_actor text, p_change jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare v_person text := p_change ->> 'person';
begin
  if p_change ->> 'do' = 'issue_login' then
    if not exists (select from people where tenant = p_tenant and person = v_person and state = 'active') then return 'not_found'; end if;
    -- Ninety days: a login that nobody renews is one that nobody misses.
    insert into person_tokens (tenant, token_hash, person, issued_by, expires_at)
    values (p_tenant, decode(p_change ->> 'tokenHash', 'hex'), v_person, p_actor,
      clock_timestamp() + least(make_interval(hours => (p_change ->> 'hours')::integer), interval '90 days'));
  else
    update person_tokens set revoked_at = clock_timestamp()
    where tenant = p_tenant and person = v_person and revoked_at is null and coalesce(p_change ->> 'login', login) = login;
  end if;
  return case when found then 'done' else 'unchanged' end;
end $function$;
alter function change_logins(text,text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.change_people(p_tenant text, p_actor text, p_reason text, p_change jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_do text := p_change ->> 'do';
  v_person text := p_change ->> 'person';
  v_result text;
begin
  perform lock_people(p_tenant);
  v_result := case
    when not has_role(p_tenant, p_actor, 'admin', '*') then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when v_do <> 'add' and not exists (select from people where tenant = p_tenant and person = v_person) then 'not_found'
    when (v_do in ('grant_role', 'join_group', 'unlink_slack', 'unlink_address') or parts_accounts(p_tenant, p_change))
      and v_person in (select accounts_of(p_tenant, array[p_actor])) then 'own_change'
    when v_do in ('grant_role', 'join_group') and has_login_from(p_tenant, p_actor, v_person) then 'second_person_needed'
    when takes_over_admin(p_tenant, p_actor, p_change) then 'second_person_needed'
    when v_do in ('revoke_role', 'leave') and coalesce(p_change ->> 'role', 'admin') = 'admin' and is_last_admin(p_tenant, v_person) then 'last_admin'
    when v_do = 'leave' and p_change ->> 'agentsTo' is not null and has_not_departed(p_tenant, v_person)
      and not may_inherit(p_tenant, v_person, p_change ->> 'agentsTo') then 'owner_not_active'
    when v_do like '%\_role' or v_do = 'propose_admin' then change_role(p_tenant, p_actor, p_change)
    when v_do in ('issue_login', 'revoke_logins') then change_logins(p_tenant, p_actor, p_change)
    when v_do like '%link\_%' or v_do = 'same' then change_links(p_tenant, p_actor, p_change)
    else change_person(p_tenant, p_change)
  end;
  -- Whoever left before there were departures leaves with the next word.
  if v_do = 'leave' and v_result in ('done', 'unchanged') and begin_departure(p_tenant, p_actor, p_reason, p_change) then v_result := 'done'; end if;
  if v_result = 'done' then
    perform tell_people(p_tenant,
      case v_do when 'add' then 'person.added' when 'leave' then 'person.left' when 'grant_role' then 'role.granted' when 'revoke_role' then 'role.revoked'
        when 'propose_admin' then 'admin.proposed' when 'join_group' then 'group.joined' when 'leave_group' then 'group.left'
        when 'issue_login' then 'login.issued' when 'revoke_logins' then 'logins.revoked' when 'same' then 'person.found_same'
        when 'link_slack' then 'identity.linked' when 'link_address' then 'identity.linked' else 'identity.unlinked' end,
      jsonb_build_object('actor', p_actor, 'person', v_person, 'role', p_change -> 'role', 'environment', p_change -> 'environment',
        'group', p_change -> 'group', 'sameAs', p_change -> 'sameAs', 'login', p_change -> 'login', 'agentsTo', p_change -> 'agentsTo',
        'channel', case when v_do like '%link\_%' then split_part(v_do, '_', 2) end),
      jsonb_build_object('reason', p_reason, 'name', p_change -> 'name', 'address', p_change -> 'address',
        'slackTeam', p_change -> 'slackTeam', 'slackUser', p_change -> 'slackUser'));
  end if;
  return v_result;
end $function$;
alter function change_people(text,text,text,jsonb) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.change_person(p_tenant text, p_change jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare v_person text := p_change ->> 'person';
begin
  case p_change ->> 'do'
    when 'add' then
      insert into people (tenant, person, name) values (p_tenant, v_person, p_change ->> 'name') on conflict do nothing;
      -- The same again is a request whose answer was lost.
      if not found then
        return case when exists (select from people where tenant = p_tenant and person = v_person and name = p_change ->> 'name') then 'unchanged' else 'person_exists' end;
      end if;
    when 'leave' then
      update people set state = 'left' where tenant = p_tenant and person = v_person and state = 'active';
      if not found then return 'unchanged'; end if;
      update person_tokens set revoked_at = clock_timestamp() where tenant = p_tenant and person = v_person and revoked_at is null;
    when 'join_group' then
      insert into group_members (tenant, group_name, person) values (p_tenant, p_change ->> 'group', v_person) on conflict do nothing;
      if not found then return 'unchanged'; end if;
    when 'leave_group' then
      delete from group_members where tenant = p_tenant and group_name = p_change ->> 'group' and person = v_person;
      if not found then return 'unchanged'; end if;
  end case;
  return 'done';
end $function$;
alter function change_person(text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.change_role(p_tenant text, p_actor text, p_change jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_person text := p_change ->> 'person';
  v_role text := p_change ->> 'role';
  v_environment text := p_change ->> 'environment';
begin
  if p_change ->> 'do' = 'propose_admin' then
    if has_role(p_tenant, v_person, 'admin', '*') then return 'unchanged'; end if;
    insert into admin_proposals as a (tenant, person, proposed_by) values (p_tenant, v_person, p_actor)
    on conflict (tenant, person) do update set proposed_by = excluded.proposed_by, expires_at = excluded.expires_at where a.expires_at <= now();
  elsif p_change ->> 'do' = 'revoke_role' then
    -- Taken away everywhere, it is taken away in each environment too.
    delete from role_grants where tenant = p_tenant and person = v_person and role = v_role and v_environment in ('*', environment);
    if v_environment <> '*' then return case when found then 'done' else 'unchanged' end; end if;
    update people set roles = array_remove(roles, v_role)
    where tenant = p_tenant and person = v_person and (found or v_role = any (roles));
  elsif v_role = 'admin' then return 'second_person_needed';
  elsif v_environment = '*' then
    update people set roles = roles || v_role where tenant = p_tenant and person = v_person and v_role <> all (roles);
  else
    insert into role_grants (tenant, person, role, environment) values (p_tenant, v_person, v_role, v_environment) on conflict do nothing;
  end if;
  return case when found then 'done' else 'unchanged' end;
end $function$;
alter function change_role(text,text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.claim_grant(p_tenant text, p_grant text, p_agent text, p_generation integer, p_key text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  g grants;
  c grant_claims;
begin
  perform pass_gates(p_tenant);
  g := lock_lent_grant(p_tenant, p_grant, p_agent, p_generation);
  if g.grant_id is null then return 'not_found'; end if;
  if access_ended(p_tenant, p_grant) is not null then return 'grant_over'; end if;
  select * into c from grant_claims where tenant = p_tenant and grant_id = p_grant order by claim desc limit 1;
  if c.public_key = p_key then return 'claimed'; end if;
  if exists (select from grant_claims where tenant = p_tenant and grant_id = p_grant and public_key = p_key) then return 'claim_superseded'; end if;
  if c.claim = 3 then return 'claims_exhausted'; end if;
  if exists (
    select from effects e
    join approval_requests r on (r.tenant, r.action, r.round) = (e.tenant, e.action, e.round)
    join votes v on (v.tenant, v.request) = (r.tenant, r.request)
    where (e.tenant, e.action, e.grant_id) = (p_tenant, g.action, p_grant) and v.choice = 'approve'
      and v.person in (select conflicted_people(p_tenant, g.action))) then return 'votes_void'; end if;
  update grant_claims set jwe = null where tenant = p_tenant and grant_id = p_grant;
  insert into grant_claims (tenant, grant_id, claim, public_key) values (p_tenant, p_grant, coalesce(c.claim, 0) + 1, p_key);
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/claimed/' || coalesce(c.claim, 0) + 1],
    array[canonical_object(jsonb_build_object('action', g.action, 'agent', p_agent, 'claim', coalesce(c.claim, 0) + 1, 'event', 'grant.claimed', 'grant', p_grant))],
    array[null]::text[]);
  return 'claimed';
end $function$;
alter function claim_grant(text,text,text,integer,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.confirm_admin(p_tenant text, p_actor text, p_reason text, p_person text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare v_proposal admin_proposals;
begin
  perform lock_people(p_tenant);
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  select a.* into v_proposal from admin_proposals a join people p using (tenant, person)
  where a.tenant = p_tenant and a.person = p_person and a.expires_at > now() and p.state = 'active';
  if not found then return case when has_role(p_tenant, p_person, 'admin', '*') then 'unchanged' else 'not_found' end; end if;
  if not may_confirm_admin(p_tenant, v_proposal.proposed_by, p_person, p_actor) then return 'second_person_needed'; end if;
  update people set roles = roles || 'admin'::text where tenant = p_tenant and person = p_person and 'admin' <> all (roles);
  delete from admin_proposals where tenant = p_tenant and person = p_person;
  perform tell_people(p_tenant, 'admin.appointed',
    jsonb_build_object('person', p_person, 'proposedBy', v_proposal.proposed_by, 'actor', p_actor), jsonb_build_object('reason', p_reason));
  return 'done';
end $function$;
alter function confirm_admin(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.conflicted_people(p_tenant text, p_action text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select accounts_of(p_tenant, array[a.agent_owner, a.agent_creator, a.on_behalf_of] || people_behind(p_tenant, a.agent)
    || array(select key_holders_since(p_tenant, a.agent, a.agent_generation, a.created_at)))
  from actions a where a.tenant = p_tenant and a.action = p_action
$function$;
alter function conflicted_people(text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.count_agent_stop()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.times_stopped := old.times_stopped + 1;
  return new;
end $function$;
alter function count_agent_stop() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.count_idle(w agent_reviews, a agents, p_due text, p_watched interval)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_entry jsonb := jsonb_build_object('generation', a.generation, 'actor', 'countersign', 'owner', a.owner,
    'idleSince', iso_time(greatest(a.created_at, a.state_since, w.kept_at, last_asked(a))));
  v_keys integer;
  v_credentials integer;
begin
  if p_due = 'forget' then
    update agent_reviews set warnings = 0, warned_at = null, warned_watched = null, asked_before = null, reclaimed_at = null
    where tenant = a.tenant and agent = a.agent;
  elsif p_due = 'warn' then
    update agent_reviews set warnings = w.warnings + 1, warned_at = clock_timestamp(), warned_watched = p_watched, asked_before = last_asked(a)
    where tenant = a.tenant and agent = a.agent;
    perform tell_life(a.tenant, a.agent, 'agent.warned', v_entry || jsonb_build_object('warning', w.warnings + 1), null, false);
    insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, case w.warnings when 0 then 'idle' else 'idle_again' end);
  else
    -- Stopped, and not offboarded: that cannot be called off, and whether anybody has read a warning is not known. A person ends it, or two resume it.
    perform shift_agent(a.tenant, a.agent, a.generation, 'quarantine', 'countersign', 'inactive');
    update agent_keys set revoked_at = clock_timestamp()
    where tenant = a.tenant and agent = a.agent and generation = a.generation and revoked_at is null;
    get diagnostics v_keys = row_count;
    update agent_credentials set revoked_at = clock_timestamp()
    where tenant = a.tenant and agent = a.agent and generation = a.generation and revoked_at is null;
    get diagnostics v_credentials = row_count;
    update agent_reviews set reclaimed_at = clock_timestamp() where tenant = a.tenant and agent = a.agent;
    perform tell_life(a.tenant, a.agent, 'agent.reclaimed', v_entry || jsonb_build_object('cause', 'inactive', 'keys', v_keys + v_credentials), null, true);
    insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, 'reclaimed');
  end if;
end $function$;
alter function count_idle(agent_reviews,agents,text,interval) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.count_review(w agent_reviews, a agents, p_due text, p_periods jsonb, p_watched interval)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_next text := case p_due when 'open' then 'due' when 'restrict' then 'restricted' else 'lapsed' end;
  v_due timestamptz := case p_due
    when 'open' then greatest(clock_timestamp() + interval '14 days', w.confirmed_at
      + make_interval(days => greatest((p_periods -> 'reviewDays' ->> coalesce(a.risk_tier, 'critical'))::integer, 28)))
    when 'restrict' then clock_timestamp() + interval '14 days' end;
begin
  if p_due = 'lapse' then
    perform shift_agent(a.tenant, a.agent, a.generation, 'quarantine', 'countersign', 'not reviewed');
  elsif p_due = 'restrict' and a.state <> 'read_only' and next_agent_state(a.state, 'ask_always') is not null then
    perform shift_agent(a.tenant, a.agent, a.generation, 'ask_always', 'countersign', 'not reviewed');
  end if;
  if w.stage = v_next then return; end if;
  update agent_reviews set stage = v_next, stage_watched = p_watched, due_at = v_due where tenant = a.tenant and agent = a.agent;
  perform tell_life(a.tenant, a.agent, case p_due when 'open' then 'agent.review_opened' else 'agent.review_lapsed' end,
    jsonb_build_object('generation', a.generation, 'actor', 'countersign', 'owner', a.owner, 'stage', v_next, 'rights', rights_digest(a),
      'due', iso_time(v_due)), null, p_due <> 'open');
  insert into agent_notes (tenant, agent, person, kind) values (a.tenant, a.agent, a.owner, 'review_' || v_next);
end $function$;
alter function count_review(agent_reviews,agents,text,jsonb,interval) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.credential_json(c agent_credentials)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
RETURN jsonb_build_object('tenant', (c).tenant, 'agent', (c).agent, 'generation', (c).generation, 'kid', (c).kid, 'registeredAt', iso_time((c).registered_at), 'notAfter', iso_time((c).not_after), 'rotate', (((c).rotation_required_at IS NOT NULL) AND ((c).replaced_by IS NULL)));
alter function credential_json(agent_credentials) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.cut_off_agent(p_tenant text, p_agent text, p_generation integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_keys integer;
  v_credentials integer;
begin
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  update agent_keys set revoked_at = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and revoked_at is null;
  get diagnostics v_keys = row_count;
  update agent_credentials set revoked_at = clock_timestamp()
  where tenant = p_tenant and agent = p_agent and generation = p_generation and revoked_at is null;
  get diagnostics v_credentials = row_count;
  v_keys := v_keys + v_credentials;
  if v_keys > 0 then
    perform tell_life(p_tenant, p_agent, 'agent.cut_off', jsonb_build_object('generation', p_generation, 'keys', v_keys), null, true);
  end if;
  return v_keys;
end $function$;
alter function cut_off_agent(text,text,integer) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.decide_proposal(p_tenant text, p_actor text, p_proposal text, p_choice text, p_digest text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  p proposals;
  v_result text;
begin
  select * into p from proposals where tenant = p_tenant and proposal = p_proposal;
  if not found then return 'not_found'; end if;
  -- The gate before the row, as everywhere.
  perform pg_advisory_xact_lock(7001, case when p.subject = 'global' then 0 else hashtext(p_tenant) end);
  select * into p from proposals where tenant = p_tenant and proposal = p_proposal for update;
  v_result := case
    when p_choice not in ('confirm', 'reject') then 'forbidden'
    when not (p_choice = 'reject' and p_actor = p.proposed_by) then refused_to_decide(p, p_actor)
  end;
  if v_result is not null then return v_result; end if;
  if p.state <> 'open' then return 'proposal_closed'; end if;
  if clock_timestamp() >= p.expires_at then return 'proposal_closed'; end if;
  if p_digest is distinct from p.digest then return 'digest_mismatch'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  -- Nothing is let in, or on, for which nobody answers.
  if p_choice = 'confirm' and p.verb in ('onboard', 'resume') and not exists (
    select from people o where o.tenant = p_tenant and o.state = 'active' and o.person = coalesce(p.what ->> 'owner',
      (select a.owner from agents a where a.tenant = p_tenant and a.agent = p.what ->> 'agent'))) then return 'owner_not_active'; end if;

  -- Moved since: what was to be lifted, or let in, is another thing now.
  if p_choice = 'confirm' and not still_stands(p) then return 'proposal_closed'; end if;
  update proposals set state = case p_choice when 'confirm' then 'confirmed' else 'rejected' end, decided_by = p_actor, decided_at = clock_timestamp()
  where tenant = p_tenant and proposal = p_proposal;
  if p.verb = 'lift' then
    if p_choice = 'confirm' then perform move_fence(p_tenant, p.subject, false, p_reason, p_actor); end if;
  elsif p_choice = 'confirm' or p.verb = 'onboard' then
    if p.verb = 'resume' and p.what ->> 'owner' is not null then
      perform give_agent(p_tenant, p.what ->> 'agent', p_actor, p.what ->> 'owner', p_reason);
    end if;
    perform shift_agent(p_tenant, p.what ->> 'agent', (p.what ->> 'generation')::integer,
      case when p.verb = 'resume' then 'resume' when p_choice = 'confirm' then 'approve' else 'reject' end, p_actor, p_reason);
  end if;
  perform tell_proposal(p_tenant, p.proposal, case p_choice when 'confirm' then 'confirmed' else 'rejected' end,
    jsonb_build_object('actor', p_actor, 'proposedBy', p.proposed_by, 'verb', p.verb, 'subject', p.subject, 'digest', p.digest), p_reason);
  return 'done';
end $function$;
alter function decide_proposal(text,text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.due_of_agent(w agent_reviews, a agents, p_periods jsonb, p_now timestamp with time zone, p_watched interval)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_review interval := make_interval(days => greatest((p_periods -> 'reviewDays' ->> coalesce(a.risk_tier, 'critical'))::integer, 28));
  v_inactive interval := make_interval(days => greatest((p_periods ->> 'inactiveDays')::integer, 7));
  v_asked timestamptz;
  v_since timestamptz;
begin
  if a.state in ('onboarding', 'offboarding', 'offboarded') then return null; end if;
  if w.stage = 'confirmed' and p_now >= w.confirmed_at + v_review - interval '14 days' then return 'open'; end if;
  if w.stage = 'due' and p_now >= w.due_at and p_watched - w.stage_watched >= interval '14 days' then return 'restrict'; end if;
  if w.stage = 'restricted' and p_watched - w.stage_watched >= interval '14 days' then return 'lapse'; end if;
  -- Somebody resumed it, and nobody has answered.
  if w.stage = 'restricted' and a.state in ('active', 'throttled') then return 'restrict'; end if;
  if w.stage = 'lapsed' and a.state <> 'quarantined' then return 'lapse'; end if;

  if w.reclaimed_at is not null and a.state = 'quarantined' then return null; end if;
  v_asked := last_asked(a);
  v_since := greatest(a.created_at, a.state_since, w.kept_at, v_asked);
  if w.warnings > 0 and (w.asked_before is distinct from v_asked or v_since > w.warned_at or p_now - v_since < v_inactive) then return 'forget'; end if;
  -- Whoever may not ask is not idle.
  if a.state not in ('active', 'throttled', 'read_only', 'ask_always') or p_now - v_since < v_inactive then return null; end if;
  if w.warnings > 0 and p_watched - w.warned_watched < interval '7 days' then return null; end if;
  return case when w.warnings < 2 then 'warn' else 'reclaim' end;
end $function$;
alter function due_of_agent(agent_reviews,agents,jsonb,timestamp with time zone,interval) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.end_unanswerable(p_tenant text, p_person text, p_request text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  update departure_outcomes set outcome = 'unanswerable'
  where tenant = p_tenant and person = p_person and kind = 'approval' and subject = p_request and outcome = 'rerouted';
  if not found then return false; end if;
  update approval_requests set state = 'unanswerable', closed_at = clock_timestamp() where tenant = p_tenant and request = p_request and state = 'open';
  return found;
end $function$;
alter function end_unanswerable(text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.enrol_agent(p_tenant text, p_secret_hash bytea, p_kid text, p_x text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  e agent_enrolments;
  a agents;
  c agent_credentials;
  v_result jsonb;
begin
  select * into e from agent_enrolments where tenant = p_tenant and secret_hash = p_secret_hash for update;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  if e.expires_at <= clock_timestamp() or e.used_for <> p_kid then return jsonb_build_object('refused', 'enrolment_closed'); end if;
  select * into a from agents where tenant = p_tenant and agent = e.agent and generation = e.generation for share;
  if not found then return jsonb_build_object('refused', 'enrolment_closed'); end if;
  if not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
  if e.used_at is not null then
    select * into c from agent_credentials where tenant = p_tenant and kid = p_kid;
    return case when is_good(c) then jsonb_build_object('done', credential_json(c)) else jsonb_build_object('refused', 'enrolment_closed') end;
  end if;
  v_result := register_credential(p_tenant, e.agent, e.generation, p_kid, p_x, 'enrolment', e.issued_by, e.life);
  if v_result ? 'done' then
    update agent_enrolments set used_at = clock_timestamp(), used_for = p_kid where tenant = p_tenant and secret_hash = p_secret_hash;
  end if;
  return v_result;
end $function$;
alter function enrol_agent(text,bytea,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.epoch_of(a agents)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select (select coalesce(sum(g.times_stopped), 0)::bigint from line_of(a.tenant, a.agent) l join agents g on (g.tenant, g.agent) = (a.tenant, l.agent)) + (
    select coalesce(sum(f.epoch), 0)::bigint from fences f
    where (f.tenant = '*' and f.scope = 'global')
       or (f.tenant = a.tenant and (f.scope = 'tenant' or f.scope in (select scopes_in_line(a.tenant, a.agent)))))
$function$;
alter function epoch_of(agents) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.except_from_offboarding(p_tenant text, p_actor text, p_agent text, p_subject text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  if not operates(p_tenant, p_actor, a.environment) then return 'forbidden'; end if;
  if p_actor in (select accounts_of(p_tenant, people_once_behind(p_tenant, p_agent))) then return 'self_approval'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if a.state <> 'offboarding' then return 'agent_state_forbids'; end if;
  -- A credential that lives, or a key that is good, is never excepted: only that nobody could look for one, or that an action has no end yet.
  if not exists (select from left_of_agent(p_tenant, p_agent, a.generation) l
                 where l.subject = p_subject and (l.kind = 'action' or l.kind = 'budget' or (l.kind = 'grant' and l.state = 'unverified'))) then
    return 'not_found';
  end if;
  if p_actor in (select conflicted_people(p_tenant,
       coalesce((select g.action from grants g where g.tenant = p_tenant and g.grant_id = p_subject), p_subject))) then return 'self_approval'; end if;
  insert into offboarding_exceptions (tenant, agent, generation, subject, reason, accepted_by)
  values (p_tenant, p_agent, a.generation, p_subject, p_reason, p_actor);
  insert into outbox (tenant, kind, agent, generation) values (p_tenant, 'agent', p_agent, a.generation);
  perform tell_life(p_tenant, p_agent, 'agent.exception_accepted',
    jsonb_build_object('generation', a.generation, 'actor', p_actor, 'subject', p_subject), p_reason, false);
  return 'done';
end $function$;
alter function except_from_offboarding(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.fence_moves()
 RETURNS bigint
 LANGUAGE sql
 STABLE
RETURN (SELECT (COALESCE(sum(fences.epoch), (0)::numeric))::bigint AS "coalesce" FROM fences);
alter function fence_moves() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.find_agent_credential(p_kid text)
 RETURNS TABLE(tenant text, agent text, generation integer, x text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select c.tenant, c.agent, c.generation, c.x
  from agent_credentials c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.agent, c.generation)
  where c.kid = p_kid and is_good(c)
$function$;
alter function find_agent_credential(text) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.find_agent_enrolment(p_secret_hash bytea)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select e.tenant from agent_enrolments e where e.secret_hash = p_secret_hash
$function$;
alter function find_agent_enrolment(bytea) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.find_init_link(p_secret_hash bytea)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select l.tenant from init_links l where l.secret_hash = p_secret_hash
$function$;
alter function find_init_link(bytea) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.find_mail_link(p_token_hash bytea)
 RETURNS TABLE(tenant text, request text, person text, digest text, expired boolean, used boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select l.tenant, l.request, l.person, l.digest, l.expires_at <= clock_timestamp(), l.used_at is not null
  from mail_links l where l.token_hash = p_token_hash
$function$;
alter function find_mail_link(bytea) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.finish_departure(p_tenant text, p_person text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  d departures;
  v_team text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into d from departures where tenant = p_tenant and person = p_person for update;
  if not found then return false; end if;
  if d.finished_at is not null then return true; end if;
  if exists (select from agents a where a.tenant = p_tenant and a.owner = p_person and a.state <> 'offboarded' and not exists (
      select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'agent', a.agent))) then
    return false;
  end if;
  for v_team in
    insert into departure_outcomes (tenant, person, kind, subject, outcome)
    select distinct p_tenant, p_person, 'team', a.team, 'ownerless' from agents a
    where a.tenant = p_tenant and a.owner = p_person and a.state <> 'offboarded' and not exists (
      select from agents g join people p on (p.tenant, p.person) = (g.tenant, g.owner)
      where g.tenant = p_tenant and g.team = a.team and g.state <> 'offboarded' and p.state = 'active')
    returning subject
  loop
    perform tell_people(p_tenant, 'team.left_ownerless', jsonb_build_object('actor', d.actor, 'person', p_person, 'team', v_team), '{}');
  end loop;
  update departures set finished_at = clock_timestamp() where tenant = p_tenant and person = p_person;
  perform tell_people(p_tenant, 'person.departed', jsonb_build_object('actor', d.actor, 'person', p_person, 'agentsTo', d.agents_to) || (
    select coalesce(jsonb_object_agg(o.outcome, o.n), '{}') from (
      select outcome, count(*) as n from departure_outcomes where tenant = p_tenant and person = p_person and kind in ('agent', 'approval')
      group by outcome) o), '{}');
  return true;
end $function$;
alter function finish_departure(text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.finish_offboarding(p_tenant text, p_agent text, p_generation integer, p_receipt jsonb, p_digest text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  perform from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding' for update;
  if not found or exists (select from left_of_agent(p_tenant, p_agent, p_generation)) then return false; end if;
  insert into receipts (tenant, agent, generation, receipt, digest) values (p_tenant, p_agent, p_generation, p_receipt, p_digest);
  update agents set state = next_agent_state(state, 'finish'), state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  -- What it comes from may wait for nothing else.
  insert into outbox (tenant, kind, agent, generation)
  select p_tenant, 'agent', c.parent, c.parent_generation from agents c join agents a on (a.tenant, a.agent, a.generation) = (c.tenant, c.parent, c.parent_generation)
  where c.tenant = p_tenant and c.agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.offboarded', jsonb_build_object('generation', p_generation, 'receipt', p_digest), null, false);
  return true;
end $function$;
alter function finish_offboarding(text,text,integer,jsonb,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.forget_sealed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  update grant_claims set jwe = null where tenant = new.tenant and grant_id = new.grant_id and jwe is not null;
  return null;
end $function$;
alter function forget_sealed() owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.give_agent(p_tenant text, p_agent text, p_actor text, p_to text, p_reason text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if a.owner = p_to then return; end if;
  update agents set owner = p_to where tenant = p_tenant and agent = p_agent;
  insert into outbox (tenant, kind, agent, generation) values (p_tenant, 'agent', p_agent, a.generation);
  perform tell_life(p_tenant, p_agent, 'agent.handed_over', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'from', a.owner, 'to', p_to), p_reason, false);
end $function$;
alter function give_agent(text,text,text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.grant_role(p_grant text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE STRICT
RETURN ('jit_'::text || "left"(encode(sha256(((convert_to('countersign/grant-role/v1'::text, 'UTF8'::name) || '\x00'::bytea) || convert_to(p_grant, 'UTF8'::name))), 'hex'::text), 24));
alter function grant_role(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.hand_over_agent(p_tenant text, p_person text, p_agent text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  d departures;
  a agents;
  v_outcome text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into d from departures where tenant = p_tenant and person = p_person and finished_at is null;
  if not found then return null; end if;
  select * into a from agents where tenant = p_tenant and agent = p_agent and owner = p_person and state <> 'offboarded' for update;
  if not found or exists (select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'agent', p_agent)) then
    return null;
  end if;
  v_outcome := case
    when a.state = 'onboarding' then 'rejected'
    when may_inherit(p_tenant, p_person, d.agents_to) then 'handed_over'
    when a.state = 'offboarding' then 'offboarding'
    else 'quarantined' end;
  if v_outcome = 'rejected' then
    update proposals set state = 'expired', decided_at = clock_timestamp()
    where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || a.generation and state = 'open';
    perform shift_agent(p_tenant, p_agent, a.generation, 'reject', d.actor, d.reason);
  elsif v_outcome = 'handed_over' then
    perform give_agent(p_tenant, p_agent, d.actor, d.agents_to, d.reason);
  elsif v_outcome = 'quarantined' then
    perform shift_agent(p_tenant, p_agent, a.generation, 'quarantine', d.actor, d.reason);
  end if;
  insert into departure_outcomes (tenant, person, kind, subject, outcome)
  select p_tenant, p_person, 'agent', p_agent, v_outcome
  union all
  select p_tenant, p_person, 'keys', p_agent, 'known' where v_outcome = 'handed_over' and (
    exists (select from agent_keys k where (k.tenant, k.agent, k.generation) = (p_tenant, p_agent, a.generation) and k.revoked_at is null
      and k.issued_by in (select accounts_of(p_tenant, array[p_person])))
    or exists (select from agent_credentials c where (c.tenant, c.agent, c.generation) = (p_tenant, p_agent, a.generation) and is_good(c)
      and c.issued_by in (select accounts_of(p_tenant, array[p_person]))));
  return v_outcome;
end $function$;
alter function hand_over_agent(text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.has_login_from(p_tenant text, p_person text, VARIADIC p_others text[])
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from person_tokens t where t.tenant = p_tenant and t.person = p_person and t.revoked_at is null
                 and t.expires_at > clock_timestamp() and t.issued_by in (select accounts_of(p_tenant, p_others)))
$function$;
alter function has_login_from(text,text,text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.has_not_departed(p_tenant text, p_person text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (NOT (EXISTS (SELECT FROM departures WHERE ((departures.tenant = has_not_departed.p_tenant) AND (departures.person = has_not_departed.p_person)))));
alter function has_not_departed(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.has_role(p_tenant text, p_person text, p_role text, p_environment text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select exists (
    select from people p
    where p.tenant = p_tenant and p.person = p_person and p.state = 'active'
      and (p_role = any (p.roles) or exists (
        select from role_grants g where (g.tenant, g.person, g.role, g.environment) = (p_tenant, p_person, p_role, p_environment))))
$function$;
alter function has_role(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.hear_stops(p_process text, p_kind text, p_heard bigint)
 RETURNS TABLE(moves bigint, closed jsonb)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  insert into processes as p (process, kind, moves_heard) values (p_process, p_kind, p_heard)
  on conflict (process) do update set moves_heard = excluded.moves_heard, heard_at = clock_timestamp();
  delete from processes where process in (
    select process from processes where heard_at < clock_timestamp() - interval '1 minute' for update skip locked);
  select fence_moves(), coalesce((select jsonb_agg(jsonb_build_array(tenant, scope)) from fences where fences.closed), '[]');
$function$;
alter function hear_stops(text,text,bigint) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.holder_to_stop(p_tenant text, p_grant text, p_task text)
 RETURNS TABLE(agent text, generation integer)
 LANGUAGE sql
 STABLE
AS $function$
  select a.agent, a.agent_generation
  from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
  where g.tenant = p_tenant and g.grant_id = p_grant and g.state = 'revoking'
    and exists (select from grant_claims c where (c.tenant, c.grant_id) = (g.tenant, g.grant_id) and c.minted_at is not null)
    and not exists (select from tasks t where t.tenant = p_tenant and t.task = p_task)
$function$;
alter function holder_to_stop(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.human_of(p_tenant text, p_person text)
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN (SELECT min(a.a) AS min FROM accounts_of(human_of.p_tenant, ARRAY[human_of.p_person]) a(a));
alter function human_of(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.in_scope(p_scope text, p_agent text, p_team text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
RETURN (p_scope = ANY (ARRAY['global'::text, 'tenant'::text, ('agent:'::text || p_agent), ('team:'::text || p_team)]));
alter function in_scope(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.is_good(c agent_credentials)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (((c).revoked_at IS NULL) AND ((c).not_after > clock_timestamp()));
alter function is_good(agent_credentials) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.is_id(p text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
RETURN (p ~ '^[a-z0-9-]{1,63}$'::text);
alter function is_id(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.is_last_admin(p_tenant text, p_person text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select has_role(p_tenant, p_person, 'admin', '*')
     and not exists (select from people where tenant = p_tenant and person <> p_person and state = 'active' and 'admin' = any (roles))
$function$;
alter function is_last_admin(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.iso_time(p timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN to_char((p AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text);
alter function iso_time(timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.issue_agent_enrolment(p_tenant text, p_actor text, p_agent text, p_secret_hash bytea, p_life interval)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  if not found then return 'not_found'; end if;
  if not exists (select from people where tenant = p_tenant and person = p_actor and state = 'active')
     or not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if not may_hold_credentials(a.state) then return 'agent_state_forbids'; end if;
  insert into agent_enrolments (tenant, secret_hash, agent, generation, life, issued_by)
  values (p_tenant, p_secret_hash, p_agent, a.generation, p_life, p_actor);
  perform tell_life(p_tenant, p_agent, 'agent.enrolment_issued', jsonb_build_object('generation', a.generation, 'actor', p_actor), null, false);
  return 'done';
end $function$;
alter function issue_agent_enrolment(text,text,text,bytea,interval) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.issue_link_code(p_tenant text, p_team text, p_user text, p_code_hash bytea)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  if (select count(*) from slack_link_codes where tenant = p_tenant and slack_team = p_team and slack_user = p_user and expires_at > clock_timestamp()) >= 5 then
    return false;
  end if;
  insert into slack_link_codes (tenant, code_hash, slack_team, slack_user) values (p_tenant, p_code_hash, p_team, p_user);
  return true;
end $function$;
alter function issue_link_code(text,text,text,bytea) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.keep_cancellation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  raise exception 'a cancellation is not taken back' using errcode = 'insufficient_privilege';
end $function$;
alter function keep_cancellation() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.key_holders_since(p_tenant text, p_agent text, p_generation integer, p_since timestamp with time zone)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
AS $function$
  select k.issued_by from agent_keys k
  where (k.tenant, k.agent, k.generation) = (p_tenant, p_agent, p_generation) and k.issued_by is not null
    and coalesce(k.revoked_at, 'infinity') >= p_since
  union
  select c.issued_by from agent_credentials c
  where (c.tenant, c.agent, c.generation) = (p_tenant, p_agent, p_generation)
    and least(coalesce(c.revoked_at, 'infinity'), c.not_after + interval '10 minutes') >= p_since
$function$;
alter function key_holders_since(text,text,integer,timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.knows_type(p_tenant text, p_type text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
RETURN (COALESCE((SELECT (((bundles.signed)::jsonb #> '{content,catalogue,actionTypes}'::text[]) ? knows_type.p_type) FROM bundles ORDER BY bundles.version DESC LIMIT 1), false) OR (EXISTS (SELECT FROM actions WHERE ((actions.tenant = knows_type.p_tenant) AND (actions.type = knows_type.p_type) AND (actions.settled_at IS NULL)))));
alter function knows_type(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.lapse_onboarding(p_tenant text, p_agent text, p_generation integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'onboarding') then return false; end if;
  if exists (select from proposals where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || p_generation
             and state = 'open' and expires_at > clock_timestamp()) then return false; end if;
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = 'onboard' and subject = p_agent || '/' || p_generation and state = 'open';
  return shift_agent(p_tenant, p_agent, p_generation, 'reject', 'countersign', null) = 'done';
end $function$;
alter function lapse_onboarding(text,text,integer) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.last_asked(a agents)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
RETURN GREATEST((SELECT max(actions.created_at) AS max FROM actions WHERE ((actions.tenant = (last_asked.a).tenant) AND (actions.agent = (last_asked.a).agent) AND (actions.agent_generation = (last_asked.a).generation))), (SELECT max(reported_decisions.recorded_at) AS max FROM reported_decisions WHERE ((reported_decisions.tenant = (last_asked.a).tenant) AND (reported_decisions.agent = (last_asked.a).agent) AND (reported_decisions.generation = (last_asked.a).generation))));
alter function last_asked(agents) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_written integer;
  v_objection text;
begin
  -- Written first: that looks whether the entries are JSON at all.
  v_written := ledger_write(p_tenant, p_keys, p_entries, p_bodies);
  select min(case
    when not may_tell(session_user, g.key, g.entry ->> 'event') then 'such an entry is written by another, or by its guard alone'
    when says_its_key(string_to_array(g.key, '/'), g.entry) is not true then 'such an entry says something else than its key'
  end) into v_objection from unnest(p_keys, p_entries::jsonb[]) as g (key, entry);
  if v_objection is not null then
    raise exception 'ledger_append: %', v_objection using errcode = 'insufficient_privilege';
  end if;
  return v_written;
end
$function$;
alter function ledger_append(text,text[],text[],text[]) owner to countersign_ledger;

CREATE OR REPLACE FUNCTION public.ledger_check(p_tenant text, p_keys text[], p_entries text[], p_bodies text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_tenant text := nullif(current_setting('app.tenant', true), '');
  v_bad text;
begin
  if p_tenant is null or p_tenant !~ '^[a-z0-9-]{1,63}$' then
    raise exception 'ledger_append: not a tenant id' using errcode = 'invalid_parameter_value';
  end if;
  if v_tenant <> p_tenant
     and not (select r.rolbypassrls or r.rolsuper from pg_roles r where r.rolname = session_user) then
    raise exception 'ledger_append: this transaction belongs to another tenant'
      using errcode = 'insufficient_privilege';
  end if;
  -- A REPEATABLE READ snapshot, taken before the lock, would show an old head.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'ledger_append needs a READ COMMITTED transaction' using errcode = 'invalid_transaction_state';
  end if;
  if p_keys is null or p_entries is null or cardinality(p_keys) <> cardinality(p_entries)
     or (p_bodies is not null and cardinality(p_bodies) <> cardinality(p_keys)) then
    raise exception 'ledger_append: keys, entries and bodies differ in number'
      using errcode = 'invalid_parameter_value';
  end if;
  -- The tenant's lock is held until the caller commits: a thousand rows of a kilobyte take some 20 ms.
  if cardinality(p_keys) > 1000
     or pg_column_size(p_entries) + coalesce(pg_column_size(p_bodies), 0) > 8 * 1024 * 1024 then
    raise exception 'ledger_append takes at most 1000 entries and 8 MiB' using errcode = 'program_limit_exceeded';
  end if;
  -- A key must fit an index row, an entry (ids, codes, digests) a page or two; a body holds what an approver was shown.
  select g.key into v_bad
  from unnest(p_keys, p_entries, p_bodies) as g (key, entry, body)
  where g.key is null or g.key !~ '^[!-~]{1,200}$'
     or g.entry is null or octet_length(g.entry) > 16384
     or not (g.entry is json object with unique keys)
     or coalesce(jsonb_typeof(g.entry::jsonb -> 'event'), '') <> 'string'
     or (g.body is not null and (octet_length(g.body) > 262144 or not (g.body is json object with unique keys)))
  limit 1;
  if found then
    raise exception 'ledger_append: entry % is not acceptable', coalesce(to_json(left(v_bad, 200))::text, 'without key')
      using errcode = 'invalid_parameter_value',
            hint = 'A key is 1 to 200 visible ASCII characters, an entry a JSON object of at most 16 KiB with an event, '
                   'a body a JSON object of at most 256 KiB.';
  end if;
end
$function$;
alter function ledger_check(text,text[],text[],text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.ledger_write(p_tenant text, p_keys text[], p_entries text[], p_bodies text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_next bigint;
  v_at timestamptz;
  v_at_text text;
  v_added integer;
begin
  perform ledger_check(p_tenant, p_keys, p_entries, p_bodies);
  perform pg_advisory_xact_lock(hashtextextended('countersign/ledger/' || p_tenant, 0));
  -- Only a statement that starts after the lock is held sees the head that the last holder committed.
  select coalesce(max(l.seq) + 1, 0) into v_next from ledger l where l.tenant = p_tenant;
  v_at := date_trunc('milliseconds', clock_timestamp());
  v_at_text := to_char(v_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

  with given as (
    select distinct on (g.key) g.key, g.entry, g.body, g.i
    from unnest(p_keys, p_entries, p_bodies) with ordinality as g (key, entry, body, i)
    -- A scalar subquery is one index descent per key. As "not exists" the planner
    -- may make a join of it that reads the tenant's whole log.
    where (select l.seq from ledger l where l.tenant = p_tenant and l.key = g.key) is null
    order by g.key, g.i
  ), salted as materialized (
    select v_next + row_number() over (order by g.i) - 1 as seq, g.key, g.entry, g.body,
           case when g.body is not null then uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) end as salt
    from given g
  ), committed as (
    select s.seq, s.key, s.entry,
           'sha256:' || encode(
             sha256('countersign/body/v1'::bytea || '\x00'::bytea || s.salt || convert_to(s.body, 'UTF8')), 'hex'
           ) as commitment
    from salted s
  ), leaves as (
    select c.seq, c.key, c.commitment,
           '{"at":"' || v_at_text
             || '","body":' || coalesce('"' || c.commitment || '"', 'null')
             || ',"entry":' || c.entry
             || ',"key":' || to_json(c.key)::text -- visible ASCII, but a quotation mark is that too
             || ',"seq":' || c.seq
             || ',"tenant":"' || p_tenant
             || '","v":1}' as leaf
    from committed c
  ), logged as (
    insert into ledger (tenant, seq, key, leaf, leaf_hash, body_commitment, at)
    select p_tenant, l.seq, l.key, l.leaf, sha256('\x00'::bytea || convert_to(l.leaf, 'UTF8')), l.commitment, v_at
    from leaves l
    order by l.seq
    returning 1
  ), kept as (
    insert into ledger_bodies (tenant, seq, salt, body)
    select p_tenant, s.seq, s.salt, s.body from salted s where s.body is not null
  )
  select count(*) into v_added from logged;
  return v_added;
end
$function$;
alter function ledger_write(text,text[],text[],text[]) owner to countersign_ledger;

CREATE OR REPLACE FUNCTION public.left_of_agent(p_tenant text, p_agent text, p_generation integer)
 RETURNS TABLE(kind text, subject text, state text)
 LANGUAGE plpgsql
 STABLE
AS $function$
declare v_fenced timestamptz := (select s.state_since from agents s where s.tenant = p_tenant and s.agent = p_agent);
begin
  return query
  with found as (
    select 'action' as kind, a.action as subject, a.state from actions a
    where a.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and a.settled_at is null
    union all
    select 'grant', g.grant_id, g.state from grants g
    where g.tenant = p_tenant and g.agent = p_agent and g.state <> 'revoked'
      and (select a.agent_generation from actions a where (a.tenant, a.action) = (g.tenant, g.action)) = p_generation
    union all
    select 'grant', g.grant_id, 'unverified' from grants g
    where g.tenant = p_tenant and g.agent = p_agent and g.state = 'revoked' and g.verified is null and g.revoked_at >= v_fenced
      and (select a.agent_generation from actions a where (a.tenant, a.action) = (g.tenant, g.action)) = p_generation
    union all
    select 'budget', r.action, r.state from reservations r join actions a on (a.tenant, a.action) = (r.tenant, r.action)
    where r.tenant = p_tenant and a.agent = p_agent and a.agent_generation = p_generation and r.state = 'held'
    union all
    select distinct 'key', 'keys', 'good' from agent_keys k
    where k.tenant = p_tenant and k.agent = p_agent and k.generation = p_generation and k.revoked_at is null
    union all
    select 'agent', c.agent || '/' || c.generation, c.state from agents c
    where c.tenant = p_tenant and c.parent = p_agent and c.parent_generation = p_generation and c.state <> 'offboarded'
    union
    select 'key', 'keys', 'good' from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and c.generation = p_generation and c.revoked_at is null
  )
  select f.kind, f.subject, f.state from found f
  where (f.kind = 'grant' and f.state <> 'unverified')
    or not exists (select from offboarding_exceptions e where (e.tenant, e.agent, e.generation, e.subject) = (p_tenant, p_agent, p_generation, f.subject));
end $function$;
alter function left_of_agent(text,text,integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.line_of(p_tenant text, p_agent text)
 RETURNS TABLE(agent text, generation integer, state text)
 LANGUAGE sql
 STABLE
AS $function$
  with recursive line as (
    select a.agent, a.generation, a.state, a.parent, a.parent_generation, 1 as length from agents a where a.tenant = p_tenant and a.agent = p_agent
    union all
    select l.parent, l.parent_generation, case when l.length < max_line() then coalesce(a.state, 'offboarded') else 'offboarded' end,
      a.parent, a.parent_generation, l.length + 1
    from line l left join agents a on (a.tenant, a.agent, a.generation) = (p_tenant, l.parent, l.parent_generation)
    where l.parent is not null and l.length <= max_line()
  )
  select agent, generation, state from line
$function$;
alter function line_of(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.line_stopped(p_tenant text, p_agent text, p_generation integer, p_effect_class text, p_asked boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case when not exists (select from agents g where (g.tenant, g.agent, g.generation) = (p_tenant, p_agent, p_generation)) then 'agent_not_active'
    else (
      select s.why from (select agent_stopped(l.state, p_effect_class, p_asked) as why from line_of(p_tenant, p_agent) l) s
      where s.why is not null order by array_position(array['agent_not_active', 'agent_paused', 'agent_restricted'], s.why) limit 1) end
$function$;
alter function line_stopped(text,text,integer,text,boolean) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.link_slack_by_code(p_tenant text, p_person text, p_code_hash bytea)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare c slack_link_codes;
begin
  perform lock_people(p_tenant);
  update slack_link_codes set used_at = clock_timestamp()
  where tenant = p_tenant and code_hash = p_code_hash and used_at is null and expires_at > clock_timestamp()
  returning * into c;
  if not found then return 'link_expired'; end if;
  if not exists (select from people where tenant = p_tenant and person = p_person and state = 'active') then return 'not_found'; end if;
  insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
  values (p_tenant, c.slack_team, c.slack_user, p_person, p_person) on conflict do nothing;
  if not found then return 'identity_taken'; end if;
  perform tell_people(p_tenant, 'identity.linked', jsonb_build_object('actor', p_person, 'person', p_person, 'channel', 'slack'),
    jsonb_build_object('slackTeam', c.slack_team, 'slackUser', c.slack_user));
  return 'linked';
end $function$;
alter function link_slack_by_code(text,text,bytea) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.lock_lent_grant(p_tenant text, p_grant text, p_agent text, p_generation integer)
 RETURNS grants
 LANGUAGE plpgsql
AS $function$
declare g grants;
begin
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  if not exists (
    select from actions a where a.tenant = p_tenant and a.action = g.action and a.agent = p_agent and a.agent_generation = p_generation and a.lane = 'granted')
  then return null; end if;
  return g;
end $function$;
alter function lock_lent_grant(text,text,text,integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.lock_people(p_tenant text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_advisory_xact_lock(hashtextextended('countersign/people/' || p_tenant, 0))
$function$;
alter function lock_people(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.mailbox_of(p_address text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
RETURN lower(((split_part(split_part(p_address, '@'::text, 1), '+'::text, 1) || '@'::text) || split_part(p_address, '@'::text, 2)));
alter function mailbox_of(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.max_line()
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
RETURN 4;
alter function max_line() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.may_confirm_admin(p_tenant text, p_proposer text, p_candidate text, p_confirmer text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select p_confirmer not in (select accounts_of(p_tenant, array[p_proposer, p_candidate]))
     and has_role(p_tenant, p_proposer, 'admin', '*')
     and case
       when exists (select from people where tenant = p_tenant and state = 'active' and 'admin' = any (roles)
                    and person not in (p_proposer, p_candidate))
       then has_role(p_tenant, p_confirmer, 'admin', '*') and not has_login_from(p_tenant, p_confirmer, p_proposer, p_candidate)
       else has_role(p_tenant, p_confirmer, 'owner', '*') or has_role(p_tenant, p_confirmer, 'operator', '*')
     end
$function$;
alter function may_confirm_admin(text,text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.may_hold_credentials(p_state text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
RETURN (p_state = ANY (ARRAY['active'::text, 'throttled'::text, 'read_only'::text, 'ask_always'::text, 'paused'::text]));
alter function may_hold_credentials(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.may_inherit(p_tenant text, p_person text, p_heir text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN ((EXISTS (SELECT FROM people WHERE ((people.tenant = may_inherit.p_tenant) AND (people.person = may_inherit.p_heir) AND (people.state = 'active'::text)))) AND (NOT (p_heir IN (SELECT accounts_of(p_tenant, ARRAY[p_person]) AS accounts_of))));
alter function may_inherit(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.may_tell(p_login text, p_key text, p_event text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(p_key ~ case p_login
    when 'countersign_gateway' then case p_event
      when 'action.requested'        then '^action/[^/]+/requested$'
      when 'action.cancel_requested' then '^action/[^/]+/cancel_requested$'
      when 'vote.refused'            then '^vote-refused/'
      when 'people.refused'          then '^people-refused/'
      when 'decision.reported'       then '^decision/'
      when 'decisions.gap'           then '^decisions-gap/'
    end
    when 'countersign_worker' then case p_event
      when 'action.decided'          then '^action/[^/]+/decided/[0-9]+$'
      when 'action.reconsidered'     then '^action/[^/]+/reconsidered/[0-9]+$'
      when 'action.settled'          then '^action/[^/]+/settled$'
      when 'approval.reminded'       then '^approval/[^/]+/reminded/[0-9]+$'
      when 'approval.closed'         then '^approval/[^/]+/closed$'
      when 'approval.superseded'     then '^approval/[^/]+/superseded$'
      when 'effect.done'             then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/done$'
      when 'effect.failed'           then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/failed$'
      when 'effect.absent'           then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/absent$'
      when 'effect.unknown'          then '^effect/[^/]+/[^/]+/(do|undo)/[0-9]+/unknown$'
      when 'grant.ended'             then '^grant/[^/]+/ended$'
      when 'grant.overdue'           then '^grant/[^/]+/overdue$'
      when 'grant.found_alive'       then '^grant/[^/]+/found_alive/[^/]+$'
      when 'task.opened'             then '^task/[^/]+/opened$'
      when 'reconciliation.finished' then '^reconciliation/[^/]+/finished$'
    end
    when 'countersign_loops' then case p_event
      when 'approval.shown'          then '^approval/[^/]+/shown/[0-9]+/[^/]+$'
      when 'checkpoint_key.replaced' then '^checkpoint-key/'
    end
  end, false)
$function$;
alter function may_tell(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.measure_operations()
 RETURNS TABLE(measure text, label text, value double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select 'open_actions', s.state, count(a.action)::double precision
  from unnest(array['received', 'waiting', 'executing', 'unknown', 'undoing']) s (state)
  left join (select action, state from actions where settled_at is null) a using (state) group by s.state
  union all
  select 'oldest_open_action_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from actions where settled_at is null
  union all
  select 'outbox_pending', '', count(*) from outbox where done_at is null
  union all
  select 'outbox_age_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from outbox where done_at is null
  union all
  select 'live_grants', '', count(*) from grants where state <> 'revoked'
  union all
  -- Long enough for the action that used it and for the reaper after it; what is alive then, somebody fails to end. What was given back, or stopped,
  -- ends before its time: after as many tries as open a task, it is the same trouble.
  select 'overdue_revocations', '', count(*) from grants
  where state <> 'revoked' and (expires_at < clock_timestamp() - interval '30 seconds' or revoke_attempts >= 8)
  union all
  select 'open_tasks', k.kind, count(t.task)
  from unnest(array['unknown_outcome', 'undo_stuck', 'revocation_overdue']) k (kind)
  left join (select task, kind from tasks where state = 'open') t using (kind) group by k.kind
  union all
  select 'untold_notices', '', count(*) from notices where shown_version < version and attempts > 0
  union all
  select 'unanchored_ledger_seconds', '', coalesce(extract(epoch from clock_timestamp() - min(e.at)), 0)
  from tenants t, lateral (
    select l.at from ledger l
    where l.tenant = t.tenant and l.seq >= coalesce((select max(c.size) from checkpoints c where c.tenant = t.tenant), 0)
    order by l.seq limit 1
  ) e
  union all
  select 'bundle_in_force_version', '', coalesce(max(version), 0) from bundles
$function$;
alter function measure_operations() owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.move_agent(p_tenant text, p_actor text, p_agent text, p_event text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  a agents;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when a.agent is null then 'not_found'
    when p_event not in ('throttle', 'restrict', 'ask_always', 'pause', 'quarantine', 'resume', 'offboard') then 'forbidden'
    when not (operates(p_tenant, p_actor, a.environment) or p_event <> 'resume' and p_actor = a.owner) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when p_event = 'resume' and not exists (select from people where tenant = p_tenant and person = a.owner and state = 'active') then 'owner_not_active'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  if p_event = 'resume' and a.state = 'quarantined' then
    if exists (select from proposals where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || a.generation
               and state = 'open' and expires_at > clock_timestamp()) then
      return jsonb_build_object('refused', 'proposed_already');
    end if;
    return jsonb_build_object('proposal', propose(p_tenant, 'resume', p_agent || '/' || a.generation,
      jsonb_build_object('agent', p_agent, 'generation', a.generation, 'since', a.state_since, 'reason', p_reason), p_actor));
  end if;
  v_refused := shift_agent(p_tenant, p_agent, a.generation, p_event, p_actor, p_reason);
  return case when v_refused in ('done', 'unchanged') then jsonb_build_object('moved', v_refused) else jsonb_build_object('refused', v_refused) end;
end $function$;
alter function move_agent(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.move_fence(p_tenant text, p_scope text, p_closed boolean, p_reason text, p_actor text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  v_epoch bigint;
  v_key text;
  v_entry jsonb;
begin
  perform pg_advisory_xact_lock(7001, case when p_scope = 'global' then 0 else hashtext(p_tenant) end);
  insert into fences as f (tenant, scope, closed, reason, actor, moved_at)
  values (case when p_scope = 'global' then '*' else p_tenant end, p_scope, p_closed, p_reason, p_actor, clock_timestamp())
  on conflict (tenant, scope) do update
    set epoch = f.epoch + 1, closed = excluded.closed, reason = excluded.reason, actor = excluded.actor, moved_at = clock_timestamp()
  returning f.epoch into v_epoch;
  v_key := 'fence/' || p_scope || '/' || v_epoch;
  v_entry := jsonb_build_object('actor', p_actor, 'closed', p_closed, 'epoch', v_epoch, 'event', 'fence.moved', 'scope', p_scope);
  if p_closed then
    perform write_or_owe(p_tenant, v_key, v_entry, jsonb_build_object('reason', p_reason));
  else
    perform write_owed_entries(p_tenant);
    perform ledger_write(p_tenant, array[v_key], array[canonical_object(v_entry)],
      array[canonical_object(jsonb_build_object('reason', p_reason))]);
  end if;
  return v_epoch;
end $function$;
alter function move_fence(text,text,boolean,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.next_agent_state(p_state text, p_event text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case
    when p_event = 'approve' and p_state = 'onboarding' then 'active'
    when p_event = 'reject' and p_state = 'onboarding' then 'offboarded'
    when p_event = 'throttle' and p_state in ('active', 'read_only', 'ask_always') then 'throttled'
    when p_event = 'restrict' and p_state in ('active', 'throttled', 'ask_always') then 'read_only'
    when p_event = 'ask_always' and p_state in ('active', 'throttled', 'read_only') then 'ask_always'
    when p_event = 'pause' and p_state in ('active', 'throttled', 'read_only', 'ask_always') then 'paused'
    when p_event = 'quarantine' and p_state in ('active', 'throttled', 'read_only', 'ask_always', 'paused') then 'quarantined'
    when p_event = 'resume' and p_state in ('throttled', 'read_only', 'ask_always', 'paused', 'quarantined') then 'active'
    when p_event = 'offboard' and p_state in ('active', 'throttled', 'read_only', 'ask_always', 'paused', 'quarantined') then 'offboarding'
    when p_event = 'finish' and p_state = 'offboarding' then 'offboarded'
  end
$function$;
alter function next_agent_state(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.note_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  if tg_table_name = 'approval_requests' and tg_op = 'INSERT' then
    insert into notices (tenant, request) values (new.tenant, new.request);
  elsif tg_table_name = 'actions' then
    update notices n set version = n.version + 1, due_at = clock_timestamp(), attempts = 0
    from approval_requests r
    where (r.tenant, r.action) = (new.tenant, new.action) and (n.tenant, n.request) = (r.tenant, r.request);
  else
    update notices n set version = n.version + 1, due_at = clock_timestamp(), attempts = 0
    where (n.tenant, n.request) = (new.tenant, new.request);
  end if;
  return null;
end $function$;
alter function note_change() owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.offboard_children(p_tenant text, p_agent text, p_generation integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  c agents;
  v_moved integer := 0;
begin
  if not exists (select from agents where tenant = p_tenant and parent = p_agent and parent_generation = p_generation and state not in ('offboarding', 'offboarded'))
    then return 0; end if;
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  if not exists (select from agents where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'offboarding') then return 0; end if;
  for c in
    select * from agents where tenant = p_tenant and parent = p_agent and parent_generation = p_generation and state not in ('offboarding', 'offboarded') order by agent
  loop
    perform shift_agent(p_tenant, c.agent, c.generation, case c.state when 'onboarding' then 'reject' else 'offboard' end, 'countersign', null);
    v_moved := v_moved + 1;
  end loop;
  return v_moved;
end $function$;
alter function offboard_children(text,text,integer) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.open_effect(p_tenant text, p_action text, p_step text, p_kind text, p_target text, p_agent text, p_round integer, p_digest text, p_send_within_ms integer, p_grant_ttl_ms bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  e effects;
  v_now timestamptz := clock_timestamp();
begin
  insert into effects as x (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by)
  values (p_tenant, p_action, p_step, p_kind, p_round, p_digest, p_tenant || '/' || p_action || '/' || p_step || '/' || p_kind,
          p_action || '.' || p_step || '.' || p_kind || '.1', v_now + make_interval(secs => p_send_within_ms / 1000.0))
  on conflict (tenant, action, step, kind) do update
    set attempt = x.attempt + 1, state = 'begun', round = excluded.round, digest = excluded.digest, begun_at = v_now, send_by = excluded.send_by,
        grant_id = p_action || '.' || p_step || '.' || p_kind || '.' || (x.attempt + 1), result = null, code = null, settled_at = null
    where x.state = 'absent'
  returning * into e;
  if not found then return jsonb_build_object('refused', 'begun_before'); end if;

  insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
  values (p_tenant, e.grant_id, p_action, p_step, p_agent, p_target, v_now + make_interval(secs => least(greatest(p_grant_ttl_ms, 0), 3600000) / 1000.0));
  update actions set state = case p_kind when 'do' then 'executing' else 'undoing' end, waiting_on = '{}'
  where tenant = p_tenant and action = p_action;
  perform ledger_write(p_tenant, array['effect/' || p_action || '/' || p_step || '/' || p_kind || '/' || e.attempt || '/begun'],
    array[canonical_object(jsonb_build_object('action', p_action, 'agent', p_agent, 'attempt', e.attempt, 'digest', p_digest,
      'event', 'effect.begun', 'grant', e.grant_id, 'idempotencyKey', e.idempotency_key, 'kind', p_kind, 'round', p_round, 'step', p_step, 'target', p_target))],
    array[null]::text[]);
  return jsonb_build_object('begun', jsonb_build_object('attempt', e.attempt, 'grantId', e.grant_id, 'idempotencyKey', e.idempotency_key));
end $function$;
alter function open_effect(text,text,text,text,text,text,integer,text,integer,bigint) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.operates(p_tenant text, p_person text, p_environment text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (has_role(p_tenant, p_person, 'operator'::text, p_environment) OR has_role(p_tenant, p_person, 'admin'::text, '*'::text));
alter function operates(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.parts_accounts(p_tenant text, p_change jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select p_change ->> 'do' = 'link_address' and exists (
    select from person_addresses a join people p using (tenant, person),
      person_addresses b join people q using (tenant, person)
    where (a.tenant, a.person) = (p_tenant, p_change ->> 'person') and mailbox_of(a.address) <> mailbox_of(p_change ->> 'address')
      and b.tenant = p_tenant and mailbox_of(b.address) = mailbox_of(a.address)
      and coalesce(p.human, p.person) <> coalesce(q.human, q.person))
$function$;
alter function parts_accounts(text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.pass_gates(p_tenant text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_advisory_xact_lock_shared(7001, 0), pg_advisory_xact_lock_shared(7001, hashtext(p_tenant))
$function$;
alter function pass_gates(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.payload_key_needed(p_key_id text, p_kept interval)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select exists (
    select from payload_keys k where k.key_id = p_key_id and (
      k.used_until > clock_timestamp() - p_kept
      -- A day, where an hour would do: a process whose database was away has not said for longer that it uses it.
      or exists (
        select from actions a where a.created_at < k.used_until + interval '1 day'
          and (a.settled_at is null or a.settled_at > clock_timestamp() - p_kept))))
$function$;
alter function payload_key_needed(text,interval) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.people_behind(p_tenant text, p_agent text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  with line as (select l.agent, l.generation from line_of(p_tenant, p_agent) l)
  select array(
    select unnest(array[g.owner, g.creator]) from line l join agents g on (g.tenant, g.agent) = (p_tenant, l.agent)
    union
    select k.issued_by from line l join agent_keys k on (k.tenant, k.agent, k.generation) = (p_tenant, l.agent, l.generation)
    where k.revoked_at is null and k.issued_by is not null
    union
    select c.issued_by from line l join agent_credentials c on (c.tenant, c.agent, c.generation) = (p_tenant, l.agent, l.generation)
    where c.revoked_at is null and c.not_after > clock_timestamp())
$function$;
alter function people_behind(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.people_once_behind(p_tenant text, p_agent text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  select people_behind(p_tenant, p_agent) || array(
    select key_holders_since(p_tenant, l.agent, l.generation, '-infinity') from line_of(p_tenant, p_agent) l)
$function$;
alter function people_once_behind(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.production_problems()
 RETURNS text[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select array_remove(array[
    case when (select rolsuper from pg_roles where rolname = session_user) then 'superuser' end,
    case when exists (select from people where demo and state = 'active') then 'demo_people' end,
    case when exists (
      select from agent_keys k join agents a on (a.tenant, a.agent, a.generation) = (k.tenant, k.agent, k.generation)
      where k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp())) then 'static_agent_keys' end], null)
$function$;
alter function production_problems() owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.propose(p_tenant text, p_verb text, p_subject text, p_what jsonb, p_actor text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare v_proposal text := 'prp-' || gen_random_uuid();
begin
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = p_verb and subject = p_subject and state = 'open' and expires_at <= clock_timestamp();
  insert into proposals (tenant, proposal, verb, subject, what, digest, proposed_by)
  values (p_tenant, v_proposal, p_verb, p_subject, p_what,
    'sha256:' || encode(sha256(convert_to('countersign/proposal/v1' || chr(10) || v_proposal || chr(10) || p_what::text, 'UTF8')), 'hex'), p_actor);
  perform tell_proposal(p_tenant, v_proposal, 'made', jsonb_build_object('actor', p_actor, 'verb', p_verb, 'subject', p_subject,
    'digest', (select digest from proposals where tenant = p_tenant and proposal = v_proposal)), p_what ->> 'reason');
  return v_proposal;
end $function$;
alter function propose(text,text,text,jsonb,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.propose_lift(p_tenant text, p_actor text, p_scope text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare f fences;
begin
  if p_scope = 'global' or not operates(p_tenant, p_actor, '*') then return jsonb_build_object('refused', 'forbidden'); end if;
  if coalesce(trim(p_reason), '') = '' then return jsonb_build_object('refused', 'reason_required'); end if;
  select * into f from fences where tenant = case when p_scope = 'global' then '*' else p_tenant end and scope = p_scope and closed;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  if exists (select from proposals where tenant = p_tenant and verb = 'lift' and subject = p_scope and state = 'open' and expires_at > clock_timestamp()) then
    return jsonb_build_object('refused', 'proposed_already');
  end if;
  return jsonb_build_object('proposal', propose(p_tenant, 'lift', p_scope,
    jsonb_build_object('scope', p_scope, 'epoch', f.epoch, 'since', f.moved_at, 'reason', p_reason), p_actor));
end $function$;
alter function propose_lift(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.propose_resume_under(p_tenant text, p_actor text, p_agent text, p_owner text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  a agents;
  v_refused text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  v_refused := case
    when a.agent is null then 'not_found'
    when not operates(p_tenant, p_actor, a.environment) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when not exists (select from people where tenant = p_tenant and person = p_owner and state = 'active') then 'owner_not_active'
    when a.state <> 'quarantined' then 'agent_state_forbids'
    when exists (select from proposals where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || a.generation
                 and state = 'open' and expires_at > clock_timestamp()) then 'proposed_already'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  return jsonb_build_object('proposal', propose(p_tenant, 'resume', p_agent || '/' || a.generation,
    jsonb_build_object('agent', p_agent, 'generation', a.generation, 'since', a.state_since, 'owner', p_owner, 'reason', p_reason), p_actor));
end $function$;
alter function propose_resume_under(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.quarantine_agent(p_tenant text, p_agent text, p_generation integer, p_stream text, p_seq bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare v_cause text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select r.cause into v_cause from reported_decisions r
  where r.tenant = p_tenant and r.agent = p_agent and r.generation = p_generation and r.stream = p_stream and r.seq = p_seq
    and r.verdict = 'mismatch'
  limit 1;
  if not found or not quarantine_for(p_tenant, p_agent, p_generation, 'report', v_cause) then return false; end if;
  perform write_or_owe(p_tenant, 'quarantine/' || p_agent || '/' || p_generation || '/' || p_stream || '/' || p_seq,
    jsonb_build_object('agent', p_agent, 'cause', v_cause, 'event', 'agent.quarantined', 'generation', p_generation, 'seq', p_seq, 'stream', p_stream), null);
  return true;
end $function$;
alter function quarantine_agent(text,text,integer,text,bigint) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.quarantine_cause(p_source text, p_reason text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
RETURN encode(sha256(convert_to(((p_source || chr(10)) || COALESCE(p_reason, ''::text)), 'UTF8'::name)), 'hex'::text);
alter function quarantine_cause(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.quarantine_for(p_tenant text, p_agent text, p_generation integer, p_source text, p_reason text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare v_cause text := quarantine_cause(p_source, p_reason);
begin
  update agents set state = 'quarantined', state_since = clock_timestamp(), quarantined_for = '{}'
  where tenant = p_tenant and agent = p_agent and generation = p_generation and next_agent_state(state, 'quarantine') is not null;
  -- The last hundred: so many different ones come from people alone, whose words are told in any case, and a row is no log.
  update agents set quarantined_for = (quarantined_for || v_cause)[greatest(cardinality(quarantined_for) - 98, 1):]
  where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'quarantined' and not v_cause = any (quarantined_for);
  if not found then return false; end if;
  -- What was proposed knew nothing of this cause.
  update proposals set state = 'expired', decided_at = clock_timestamp()
  where tenant = p_tenant and verb = 'resume' and subject = p_agent || '/' || p_generation and state = 'open';
  return true;
end $function$;
alter function quarantine_for(text,text,integer,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.quarantine_holder(p_tenant text, p_grant text, p_task text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare h record;
begin
  if not exists (select from holder_to_stop(p_tenant, p_grant, p_task)) then return false; end if;
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  -- Once more behind the gate: somebody else may have told of it meanwhile.
  select * into h from holder_to_stop(p_tenant, p_grant, p_task);
  if not found then return false; end if;
  return shift_agent(p_tenant, h.agent, h.generation, 'quarantine', 'countersign', 'A credential that it holds cannot be ended: ' || p_grant) = 'done';
end $function$;
alter function quarantine_holder(text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.read_fences(p_tenant text, p_agent text, p_team text, p_type text)
 RETURNS TABLE(epochs text, closed text)
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(string_agg(scope || '=' || epoch, ',' order by scope), ''), min(scope) filter (where f.closed)
  from fences f
  where (f.tenant = '*' and scope = 'global')
     or (f.tenant = p_tenant and (scope in ('tenant', 'agent:' || p_agent, 'team:' || p_team, 'action-type:' || p_type)
       or scope in (select scopes_in_line(p_tenant, p_agent))))
$function$;
alter function read_fences(text,text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.record_mint(p_tenant text, p_grant text, p_claim integer, p_mint integer, p_jwe text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare g grants;
begin
  perform pass_gates(p_tenant);
  select * into g from grants where tenant = p_tenant and grant_id = p_grant for update;
  if access_ended(p_tenant, p_grant) is not null then return 'grant_over'; end if;
  update grant_claims c set jwe = p_jwe, minted_at = clock_timestamp()
  where tenant = p_tenant and grant_id = p_grant and claim = p_claim and mints = p_mint and jwe is null
    and not exists (select from grant_claims l where (l.tenant, l.grant_id) = (c.tenant, c.grant_id) and l.claim > c.claim);
  -- A later mint made the password of this one void.
  if not found then return 'superseded'; end if;
  update grants set state = 'claimed' where tenant = p_tenant and grant_id = p_grant;
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/minted/' || p_claim],
    array[canonical_object(jsonb_build_object('action', g.action, 'claim', p_claim, 'event', case p_claim when 1 then 'grant.minted' else 'grant.rotated' end,
      'grant', p_grant, 'target', g.target))],
    array[null]::text[]);
  return null;
end $function$;
alter function record_mint(text,text,integer,integer,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.redeem_assertion(p_tenant text, p_kid text, p_jti text, p_expires_at timestamp with time zone, p_config_digest text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  c agent_credentials;
  a agents;
  v_digest text;
begin
  insert into agent_assertions (tenant, kid, jti, expires_at)
  select p_tenant, p_kid, p_jti, p_expires_at from agent_credentials where tenant = p_tenant and kid = p_kid
  on conflict do nothing;
  if not found then return jsonb_build_object('refused', 'unauthenticated'); end if;
  select * into c from agent_credentials where tenant = p_tenant and kid = p_kid;
  select * into a from agents where tenant = p_tenant and agent = c.agent and generation = c.generation;
  if not found or not is_good(c) then return jsonb_build_object('refused', 'unauthenticated'); end if;
  -- That it is known is asked before the gate: whoever is in quarantine for it asks again every few seconds, and effects of others would wait.
  if not may_hold_credentials(a.state)
     and (a.state <> 'quarantined' or quarantine_cause('config', 'drift') = any (a.quarantined_for)) then
    return jsonb_build_object('refused', 'agent_not_active');
  end if;
  select digest into v_digest from agent_versions
  where tenant = p_tenant and agent = a.agent and generation = a.generation and version = a.version;
  if (v_digest is null or v_digest = p_config_digest) and may_hold_credentials(a.state) then
    return jsonb_build_object('done', credential_json(c) || jsonb_build_object('epoch', epoch_of(a)));
  end if;
  if v_digest is not null and p_config_digest is not null and not exists (
       select from agent_versions where tenant = p_tenant and agent = a.agent and generation = a.generation and digest = p_config_digest) then
    -- The gate before the row, as everywhere: nothing of the agent begins meanwhile.
    perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
    if quarantine_for(p_tenant, a.agent, a.generation, 'config', 'drift') then
      perform write_or_owe(p_tenant, 'quarantine/' || a.agent || '/' || a.generation || '/config/' || gen_random_uuid(),
        jsonb_build_object('agent', a.agent, 'cause', 'config_drift', 'event', 'agent.quarantined', 'generation', a.generation,
          'key', p_kid, 'registered', v_digest, 'runs', p_config_digest), null);
    end if;
  end if;
  return jsonb_build_object('refused', case when may_hold_credentials(a.state) then 'config_drift' else 'agent_not_active' end);
end $function$;
alter function redeem_assertion(text,text,text,timestamp with time zone,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.redeem_init_link(p_tenant text, p_secret_hash bytea, p_token_hash bytea)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  l init_links;
  v_refused text;
  v_link text := left(encode(p_secret_hash, 'hex'), 16);
begin
  perform lock_people(p_tenant);
  select * into l from init_links where tenant = p_tenant and secret_hash = p_secret_hash for update;
  if not found then return jsonb_build_object('refused', 'not_found'); end if;
  v_refused := case
    when exists (select from people where tenant = p_tenant and state = 'active' and 'admin' = any (roles)) then 'init_closed'
    when l.used_at is not null or l.expires_at <= clock_timestamp() then 'init_link_spent'
    -- Whoever left does not come back this way, with the roles of then.
    when exists (select from people where tenant = p_tenant and person = l.person and state = 'left') then 'person_exists'
  end;
  if v_refused is not null then
    perform ledger_write(p_tenant, array['init/' || v_link || '/refused/' || v_refused],
      array[canonical_object(jsonb_build_object('event', 'init.refused', 'code', v_refused, 'link', v_link))], array[null]::text[]);
    return jsonb_build_object('refused', v_refused);
  end if;
  update init_links set used_at = clock_timestamp() where tenant = p_tenant and secret_hash = p_secret_hash;
  insert into people as p (tenant, person, name, roles) values (p_tenant, l.person, l.name, array['admin'])
  on conflict (tenant, person) do update set roles = p.roles || 'admin'::text;
  insert into person_addresses (tenant, person, address) values (p_tenant, l.person, l.address) on conflict do nothing;
  insert into person_tokens (tenant, token_hash, person, expires_at) values (p_tenant, p_token_hash, l.person, clock_timestamp() + interval '30 days');
  perform tell_people(p_tenant, 'admin.appointed', jsonb_build_object('person', l.person, 'link', v_link),
    jsonb_build_object('name', l.name, 'address', l.address));
  return jsonb_build_object('done', l.person);
end $function$;
alter function redeem_init_link(text,bytea,bytea) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end
$function$;
alter function refuse_change() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.refuse_in_doubt()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  if new.kind = 'do' and exists (select from ledger_doubts where tenant = new.tenant and acknowledged_at is null) then
    raise exception 'the ledger of % contradicts a signed checkpoint', new.tenant using errcode = 'object_not_in_prerequisite_state';
  end if;
  return new;
end $function$;
alter function refuse_in_doubt() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.refused_by_votes(r approval_requests)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when r.request is null or r.state <> 'approved' then 'not_approved'
    when exists (select from valid_votes v where v.tenant = r.tenant and v.request = r.request and v.choice = 'deny') then 'denied_late'
    when exists (
      select from jsonb_array_elements(r.stages) with ordinality s
      where approvals_in(r.tenant, r.request, s.ordinality - 1) >= (s.value ->> 'need')::integer is not true) then 'votes_void'
    -- `is not false`: stages that nobody had to fill have no last vote, and nobody's approval.
    when (clock_timestamp() > (select max(v.cast_at) from votes v where v.tenant = r.tenant and v.request = r.request)
          + make_interval(secs => r.valid_for_ms / 1000.0)) is not false then 'approval_lapsed'
  end
$function$;
alter function refused_by_votes(approval_requests) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.refused_to_decide(p proposals, p_actor text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when p_actor in (select accounts_of(p.tenant, array[p.proposed_by, p.what ->> 'owner']
      || case when p.verb in ('onboard', 'resume') then people_once_behind(p.tenant, split_part(p.subject, '/', 1)) else '{}' end)) then 'self_approval'
    when p.verb = 'onboard' and not (
      has_role(p.tenant, p_actor, 'approver', p.what ->> 'environment') or has_role(p.tenant, p_actor, 'admin', '*')) then 'forbidden'
    when p.verb = 'resume' and not operates(p.tenant, p_actor,
      (select environment from agents where tenant = p.tenant and agent = split_part(p.subject, '/', 1))) then 'forbidden'
    when p.verb = 'lift' and not operates(p.tenant, p_actor, '*') then 'forbidden'
  end
$function$;
alter function refused_to_decide(proposals,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.register_agent(p_tenant text, p_actor text, p_agent jsonb, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_agent text := p_agent ->> 'agent';
  v_owner text := p_agent ->> 'owner';
  v_environment text := p_agent ->> 'environment';
  v_roles text[] := array(select jsonb_array_elements_text(p_agent -> 'roles'));
  v_scopes text[] := array(select jsonb_array_elements_text(p_agent -> 'dataScopes'));
  v_before agents;
  v_parent agents;
  v_refused text;
  v_proposal text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select * into v_before from agents where tenant = p_tenant and agent = v_agent for update;
  select * into v_parent from agents where tenant = p_tenant and agent = p_agent ->> 'parent';
  v_refused := case
    when not (operates(p_tenant, p_actor, v_environment) or has_role(p_tenant, p_actor, 'owner', v_environment)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
    when not exists (select from people where tenant = p_tenant and person = v_owner and state = 'active') then 'owner_not_active'
    when v_before.agent is not null and v_before.state <> 'offboarded' then 'agent_exists'
    when p_agent ->> 'parent' is not null and state_in_line(p_tenant, v_parent.agent, v_parent.generation) is distinct from 'active' then 'parent_not_active'
    when p_agent ->> 'parent' is not null and v_parent.environment <> v_environment then 'parent_not_active'
    when (select count(*) from line_of(p_tenant, v_parent.agent)) >= max_line() then 'line_too_long'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  insert into agents as a (tenant, agent, version, owner, creator, team, environment, roles, state, purpose, data_scopes, risk_tier, parent, parent_generation)
  values (p_tenant, v_agent, p_agent ->> 'version', v_owner, p_actor, p_agent ->> 'team', v_environment, v_roles, 'onboarding',
    p_agent ->> 'purpose', v_scopes, p_agent ->> 'riskTier', v_parent.agent, v_parent.generation)
  on conflict (tenant, agent) do update set generation = a.generation + 1, version = excluded.version, owner = excluded.owner,
    creator = excluded.creator, team = excluded.team, environment = excluded.environment, roles = excluded.roles, state = excluded.state,
    purpose = excluded.purpose, data_scopes = excluded.data_scopes, risk_tier = excluded.risk_tier,
    parent = excluded.parent, parent_generation = excluded.parent_generation,
    created_at = clock_timestamp(), state_since = clock_timestamp()
  returning * into v_before;
  insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
  values (p_tenant, v_agent, v_before.generation, v_before.version, p_agent ->> 'digest', p_agent -> 'content', p_actor);
  v_proposal := propose(p_tenant, 'onboard', v_agent || '/' || v_before.generation,
    (p_agent - 'content') || jsonb_build_object('generation', v_before.generation, 'creator', p_actor, 'reason', p_reason), p_actor);
  perform tell_life(p_tenant, v_agent, 'agent.registered', jsonb_build_object('generation', v_before.generation, 'actor', p_actor,
    'owner', v_owner, 'parent', v_parent.agent, 'team', p_agent ->> 'team', 'environment', v_environment, 'riskTier', p_agent ->> 'riskTier',
    'roles', array_to_string(v_roles, ' '), 'dataScopes', array_to_string(v_scopes, ' '),
    'version', v_before.version, 'digest', p_agent ->> 'digest', 'proposal', v_proposal), p_reason, false);
  return jsonb_build_object('generation', v_before.generation, 'proposal', v_proposal);
end $function$;
alter function register_agent(text,text,jsonb,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.register_credential(p_tenant text, p_agent text, p_generation integer, p_kid text, p_x text, p_how text, p_issued_by text, p_life interval)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare c agent_credentials;
begin
  insert into agent_credentials (tenant, kid, agent, generation, x, registered_by, issued_by, life, not_after)
  values (p_tenant, p_kid, p_agent, p_generation, p_x, p_how, p_issued_by, p_life, clock_timestamp() + p_life)
  on conflict do nothing returning * into c;
  if not found then return jsonb_build_object('refused', 'key_taken'); end if;
  perform tell_life(p_tenant, p_agent, 'agent.key_registered', jsonb_build_object('generation', p_generation, 'key', p_kid, 'by', p_how,
    'issuedBy', p_issued_by, 'until', iso_time(c.not_after)), null, false);
  return jsonb_build_object('done', credential_json(c));
end $function$;
alter function register_credential(text,text,integer,text,text,text,text,interval) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.register_version(p_tenant text, p_actor text, p_agent text, p_version jsonb, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  a agents;
  v agent_versions;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for update;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner and has_role(p_tenant, p_actor, 'owner', a.environment)) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  if a.state in ('offboarding', 'offboarded', 'onboarding') then return 'agent_state_forbids'; end if;
  select * into v from agent_versions where tenant = p_tenant and agent = p_agent and generation = a.generation and version = p_version ->> 'version';
  if found and v.digest <> p_version ->> 'digest' then return 'version_taken'; end if;
  if found and a.version = v.version then return 'unchanged'; end if;
  insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by)
  values (p_tenant, p_agent, a.generation, p_version ->> 'version', p_version ->> 'digest', p_version -> 'content', p_actor)
  on conflict do nothing;
  update agents set version = p_version ->> 'version' where tenant = p_tenant and agent = p_agent;
  perform tell_life(p_tenant, p_agent, 'agent.version_changed', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'from', a.version, 'version', p_version ->> 'version', 'digest', p_version ->> 'digest'), p_reason, false);
  return 'done';
end $function$;
alter function register_version(text,text,text,jsonb,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.require_rotation(p_tenant text, p_actor text, p_agent text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare a agents;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  if not found then return 'not_found'; end if;
  if not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then return 'forbidden'; end if;
  if coalesce(trim(p_reason), '') = '' then return 'reason_required'; end if;
  update agent_credentials c set rotation_required_at = clock_timestamp()
  where c.tenant = p_tenant and c.agent = p_agent and c.replaced_by is null and is_good(c);
  if not found then return 'not_found'; end if;
  perform tell_life(p_tenant, p_agent, 'agent.rotation_required', jsonb_build_object('generation', a.generation, 'actor', p_actor), p_reason, false);
  return 'done';
end $function$;
alter function require_rotation(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.reroute_approval(p_tenant text, p_person text, p_request text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  d departures;
  r approval_requests;
  v_out text[];
begin
  select * into d from departures where tenant = p_tenant and person = p_person and finished_at is null;
  if not found then return null; end if;
  select * into r from approval_requests where tenant = p_tenant and request = p_request and state = 'open' for update;
  if not found or exists (select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (p_tenant, p_person, 'approval', p_request)) then
    return null;
  end if;
  v_out := array(
    select conflicted_people(p_tenant, r.action)
    union
    select e from jsonb_array_elements(r.stages) s,
      jsonb_array_elements_text((s -> 'eligible') || coalesce(s -> 'escalation' -> 'eligible', '[]')) e
    where not exists (select from people where tenant = p_tenant and person = e and state = 'active'));
  update approval_requests set stages = (
    select jsonb_agg(s || jsonb_build_object('eligible', kept.own) || case when s ? 'escalation' then jsonb_build_object('escalation',
        (s -> 'escalation') || jsonb_build_object('eligible', (s -> 'escalation' -> 'eligible') - v_out, 'afterMs',
          case when (select count(distinct human_of(p_tenant, e)) from jsonb_array_elements_text(kept.own) e) < (s ->> 'need')::integer
            then least((s -> 'escalation' ->> 'afterMs')::bigint, floor(extract(epoch from clock_timestamp() - r.opened_at) * 1000)::bigint)
            else (s -> 'escalation' ->> 'afterMs')::bigint end))
      else '{}' end order by place)
    from jsonb_array_elements(r.stages) with ordinality as asked (s, place), lateral (select (s -> 'eligible') - v_out as own) kept)
  where tenant = p_tenant and request = p_request;
  insert into departure_outcomes (tenant, person, kind, subject, outcome) values (p_tenant, p_person, 'approval', p_request, 'rerouted');
  insert into outbox (tenant, kind, action) values (p_tenant, 'wake', r.action);
  perform ledger_write(p_tenant, array['approval/' || p_request || '/rerouted/' || p_person],
    array[canonical_object(jsonb_build_object('action', r.action, 'request', p_request, 'digest', r.digest, 'person', p_person, 'event', 'approval.rerouted'))],
    array[null]::text[]);
  return 'rerouted';
end $function$;
alter function reroute_approval(text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.resolve_task(p_tenant text, p_task text, p_person text, p_resolution text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare t tasks;
begin
  select * into t from tasks where tenant = p_tenant and task = p_task for update;
  if not found then return 'not_found'; end if;
  if not operates(p_tenant, p_person, (select environment from actions where tenant = p_tenant and action = t.action)) then return 'forbidden'; end if;
  if p_person in (select conflicted_people(p_tenant, t.action)) then return 'self_approval'; end if;
  if t.state = 'resolved' then return case t.resolution when p_resolution then 'unchanged' else 'task_resolved' end; end if;
  update tasks
  set state = 'resolved', resolution = p_resolution, reason = p_reason, resolved_by = p_person, resolved_at = clock_timestamp()
  where tenant = p_tenant and task = p_task;
  -- The gateway wakes the workflow itself, at once; this row does it if the gateway dies first.
  insert into outbox (tenant, kind, action, due_at) values (p_tenant, 'wake', t.action, clock_timestamp() + interval '2 seconds');
  perform ledger_write(p_tenant, array['task/' || p_task || '/resolved'],
    array[canonical_object(jsonb_build_object('action', t.action, 'event', 'task.resolved', 'kind', t.kind, 'person', p_person,
      'resolution', p_resolution, 'step', t.step, 'task', p_task))],
    array[canonical_object(jsonb_build_object('reason', p_reason))]);
  return 'done';
end $function$;
alter function resolve_task(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.return_grant(p_tenant text, p_grant text, p_agent text, p_generation integer, p_as text, p_report text)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare g grants;
begin
  g := lock_lent_grant(p_tenant, p_grant, p_agent, p_generation);
  if g.grant_id is null then return 'not_found'; end if;
  if g.returned_as = p_as and g.report is not distinct from p_report::jsonb then return 'returned'; end if;
  if g.returned_at is not null or g.state in ('revoking', 'revoked') or g.expires_at <= clock_timestamp() then return 'grant_over'; end if;
  if not exists (select from grant_claims where tenant = p_tenant and grant_id = p_grant and minted_at is not null) then return 'grant_unclaimed'; end if;
  update grants set returned_at = clock_timestamp(), returned_as = p_as, report = p_report::jsonb
  where tenant = p_tenant and grant_id = p_grant;
  perform ledger_write(p_tenant, array['grant/' || p_grant || '/returned'],
    array[canonical_object(jsonb_build_object('action', g.action, 'agent', p_agent, 'as', p_as, 'event', 'grant.returned', 'grant', p_grant,
      'unusedMs', floor(extract(epoch from g.expires_at - clock_timestamp()) * 1000)))],
    array['{"report":' || coalesce(p_report, 'null') || '}']);
  return 'returned';
end $function$;
alter function return_grant(text,text,text,integer,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.review_agent()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare v_look timestamptz := case when new.state not in ('onboarding', 'offboarding', 'offboarded') then clock_timestamp() end;
begin
  if tg_op = 'UPDATE' and old.generation = new.generation and old.state <> 'onboarding' then
    update agent_reviews set look_at = v_look where tenant = new.tenant and agent = new.agent;
  else
    delete from agent_reviews where tenant = new.tenant and agent = new.agent;
    insert into agent_reviews (tenant, agent, generation, look_at) values (new.tenant, new.agent, new.generation, v_look);
  end if;
  return null;
end $function$;
alter function review_agent() owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.review_agents(p_tenant text, p_periods jsonb, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_watch review_watches;
  v_page text[];
  v_nothing text[] := '{}';
  v_gate boolean := false;
  v_agent text;
  v_due text;
  w agent_reviews;
  a agents;
begin
  insert into review_watches (tenant) values (p_tenant) on conflict do nothing;
  -- One round of a tenant at a time, whoever runs it.
  select * into v_watch from review_watches where tenant = p_tenant for update skip locked;
  if not found then return 0; end if;
  v_watch.watched := v_watch.watched + least(greatest(v_now - v_watch.seen_at, interval '0'), interval '1 hour');
  if v_watch.hour <> floor(extract(epoch from v_watch.watched) / 3600) then
    v_watch.hour := floor(extract(epoch from v_watch.watched) / 3600);
    v_watch.told := 0;
    v_watch.moved := 0;
  end if;

  -- What lies further ahead than anything is put off was written by a clock that has been put back since.
  v_page := array(select r.agent from agent_reviews r
    where r.tenant = p_tenant and (r.look_at <= v_now or r.look_at > v_now + interval '2 days') order by r.look_at limit p_limit);
  -- The gate before the rows, as everywhere; and only where something will be taken away, for effects wait behind it.
  if exists (select from agents g join agent_reviews r using (tenant, agent) where g.tenant = p_tenant and g.agent = any (v_page)
             and due_of_agent(r, g, p_periods, v_now, v_watch.watched) in ('restrict', 'lapse', 'reclaim')) then
    perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
    v_gate := true;
  end if;
  -- All of them before any entry, or two transactions could wait for each other. Who is being moved or asks right now is looked at the next time.
  v_page := array(select locked.agent from (
    select g.agent from agents g join agent_reviews r using (tenant, agent)
    where g.tenant = p_tenant and g.agent = any (v_page) for update of g, r skip locked) locked);

  foreach v_agent in array v_page loop
    select * into a from agents where tenant = p_tenant and agent = v_agent;
    select * into w from agent_reviews where tenant = p_tenant and agent = v_agent;
    v_due := due_of_agent(w, a, p_periods, v_now, v_watch.watched);
    if v_due is null then
      v_nothing := v_nothing || a.agent;
    elsif v_due in ('restrict', 'lapse', 'reclaim') and (not v_gate or v_watch.moved >= 20) or v_due in ('open', 'warn') and v_watch.told >= 200 then
      -- Each at a time of its own, so that the rest of many is not looked at again and again.
      update agent_reviews set look_at = v_now + interval '1 hour' * (1 + 23 * random()) where tenant = p_tenant and agent = a.agent;
    else
      if v_due in ('open', 'restrict', 'lapse') then
        perform count_review(w, a, v_due, p_periods, v_watch.watched);
      else
        perform count_idle(w, a, v_due, v_watch.watched);
      end if;
      if v_due in ('restrict', 'lapse', 'reclaim') then v_watch.moved := v_watch.moved + 1; end if;
      if v_due in ('open', 'warn') then v_watch.told := v_watch.told + 1; end if;
      update agent_reviews set look_at = v_now where tenant = p_tenant and agent = a.agent;
    end if;
  end loop;
  -- Policy may name other periods by tomorrow.
  update agent_reviews set look_at = v_now + interval '1 day' where tenant = p_tenant and agent = any (v_nothing);
  update review_watches set seen_at = v_now, watched = v_watch.watched, hour = v_watch.hour, told = v_watch.told, moved = v_watch.moved
  where tenant = p_tenant;
  return cardinality(v_page);
end $function$;
alter function review_agents(text,jsonb,integer) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.revoke_agent_credential(p_tenant text, p_actor text, p_agent text, p_kid text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  a agents;
  v_rows bigint;
  v_ended text[];
  v_keys text[] := '{}';
  v_refused text;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  v_refused := case
    when a.agent is null then 'not_found'
    when not (operates(p_tenant, p_actor, a.environment) or p_actor = a.owner) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  loop
    -- Whoever registers the next key holds the row of the one before: that is waited for, and the next turn finds what they registered. Hence also
    -- rows of keys that are over; they are not told of.
    with ended as (
      update agent_credentials c set revoked_at = clock_timestamp()
      where c.tenant = p_tenant and c.kid in (select successors_of(p_tenant, p_agent, p_kid)) and c.revoked_at is null
      returning c.kid, c.registered_at, c.not_after > clock_timestamp() as was_good)
    select count(*), coalesce(array_agg(kid order by registered_at) filter (where was_good), '{}') into v_rows, v_ended from ended;
    exit when v_rows = 0;
    v_keys := v_keys || v_ended;
  end loop;
  if v_keys = '{}' then return jsonb_build_object('refused', 'not_found'); end if;
  perform tell_life(p_tenant, p_agent, 'agent.key_revoked', jsonb_build_object('generation', a.generation, 'actor', p_actor,
    'named', p_kid, 'keys', array_to_string(v_keys, ' ')), p_reason, true);
  return jsonb_build_object('ended', to_jsonb(v_keys));
end $function$;
alter function revoke_agent_credential(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.rights_digest(a agents)
 RETURNS text
 LANGUAGE sql
 STABLE
RETURN ('sha256:'::text || encode(sha256(convert_to((('countersign/review/v1'::text || chr(10)) || (rights_of(a))::text), 'UTF8'::name)), 'hex'::text));
alter function rights_digest(agents) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.rights_of(a agents)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
RETURN jsonb_build_object('agent', (a).agent, 'generation', (a).generation, 'owner', (a).owner, 'creator', (a).creator, 'team', (a).team, 'environment', (a).environment, 'purpose', (a).purpose, 'riskTier', (a).risk_tier, 'roles', (a).roles, 'dataScopes', (a).data_scopes);
alter function rights_of(agents) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.rotate_agent_credential(p_tenant text, p_agent text, p_kid text, p_next_kid text, p_next_x text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  c agent_credentials;
  n agent_credentials;
  a agents;
  v_result jsonb;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent for share;
  select * into c from agent_credentials where tenant = p_tenant and kid = p_kid and agent = p_agent for no key update;
  if not found or not is_good(c) then return jsonb_build_object('refused', 'unauthenticated'); end if;
  if a.generation is distinct from c.generation or not may_hold_credentials(a.state) then return jsonb_build_object('refused', 'agent_not_active'); end if;
  if c.replaced_by is not null then
    select * into n from agent_credentials where tenant = p_tenant and kid = c.replaced_by;
    return case when n.kid = p_next_kid and is_good(n) then jsonb_build_object('done', credential_json(n))
      else jsonb_build_object('refused', 'key_replaced') end;
  end if;
  v_result := register_credential(p_tenant, p_agent, c.generation, p_next_kid, p_next_x, 'rotation', c.issued_by, c.life);
  if v_result ? 'done' then
    update agent_credentials set replaced_by = p_next_kid, not_after = least(not_after, clock_timestamp() + interval '1 hour')
    where tenant = p_tenant and kid = p_kid;
  end if;
  return v_result;
end $function$;
alter function rotate_agent_credential(text,text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.says_its_key(p_key text[], e jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  -- No other action besides: its UUID stands at the same place in the ids of all that belongs to it.
  if not (array_remove(array[substr(e ->> 'action', 5, 36), substr(e ->> 'grant', 5, 36), substr(e ->> 'task', 5, 36), substr(e ->> 'request', 5, 36)], null)
    <@ case when p_key[1] in ('action', 'effect', 'grant', 'task', 'approval', 'vote-refused') then array[substr(p_key[2], 5, 36)] else '{}' end)
  then return false; end if;
  case p_key[1]
    when 'effect'         then return p_key[2:5] = array[e ->> 'action', e ->> 'step', e ->> 'kind', e ->> 'attempt'];
    when 'action'         then return p_key[2] = e ->> 'action' and (p_key[4] is null or p_key[4] = e ->> 'round');
    when 'grant'          then return p_key[2] = e ->> 'grant';
    when 'approval'       then return p_key[2] = e ->> 'request' and case p_key[3]
                                        when 'reminded' then p_key[4] = e ->> 'reminder'
                                        when 'shown'    then p_key[4:5] = array[e ->> 'version', surface_key(e ->> 'surface')]
                                        else true
                                      end;
    when 'task'           then return p_key[2] = e ->> 'task' and e ->> 'kind' = any (string_to_array(p_key[2], '.'))
                                      and starts_with(p_key[2], (e ->> 'action') || '.' || (e ->> 'step') || '.');
    when 'vote-refused'   then return p_key[2:] = case when e ->> 'person' is null
                                        then array[e ->> 'request', 'unlinked', p_key[4], e ->> 'choice']
                                        else array[e ->> 'request', e ->> 'person', e ->> 'choice', e ->> 'code']
                                      end;
    when 'people-refused' then return p_key[2:] = array[e ->> 'actor', e ->> 'person', e ->> 'change', e ->> 'code'];
    when 'decision'       then return p_key[2:5] = array[e ->> 'agent', e ->> 'generation', e ->> 'stream', e ->> 'seq'];
    when 'decisions-gap'  then return p_key[2:] = array[e ->> 'agent', e ->> 'generation', e ->> 'stream', e ->> 'from'];
    when 'reconciliation' then return p_key[2] = e ->> 'reconciliation';
    when 'checkpoint-key' then return p_key[2:] = array[substr(e ->> 'from', 8, 16), substr(e ->> 'to', 8, 16)];
    else return false;
  end case;
end
$function$;
alter function says_its_key(text[],jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.scopes_in_line(p_tenant text, p_agent text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
AS $function$
  select s.scope from line_of(p_tenant, p_agent) l left join agents g on (g.tenant, g.agent) = (p_tenant, l.agent),
    lateral (values ('agent:' || l.agent), ('team:' || g.team)) s (scope)
  where s.scope is not null
$function$;
alter function scopes_in_line(text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.shift_agent(p_tenant text, p_agent text, p_generation integer, p_event text, p_actor text, p_reason text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  a agents;
  v_next text;
begin
  select * into a from agents where tenant = p_tenant and agent = p_agent and generation = p_generation for update;
  if not found then return 'not_found'; end if;
  v_next := next_agent_state(a.state, p_event);
  if p_event = 'quarantine' and quarantine_for(p_tenant, p_agent, p_generation, p_actor, p_reason) then
    v_next := 'quarantined';
  elsif v_next is null then
    return case when a.state = case p_event when 'throttle' then 'throttled' when 'restrict' then 'read_only' when 'ask_always' then 'ask_always'
      when 'pause' then 'paused' when 'quarantine' then 'quarantined' when 'resume' then 'active' when 'offboard' then 'offboarding' end
      then 'unchanged' else 'agent_state_forbids' end;
  else
    update agents set state = v_next, state_since = clock_timestamp() where tenant = p_tenant and agent = p_agent;
  end if;
  -- What was held back looks again. Before the ledger: an action that is being settled is held by whoever waits for that.
  insert into outbox (tenant, kind, action)
  select p_tenant, 'wake', w.action from actions w
  where w.tenant = p_tenant and w.settled_at is null and w.agent in (select b.agent from born_of(p_tenant, p_agent) b union select p_agent);
  perform tell_life(p_tenant, p_agent, 'agent.moved', jsonb_build_object('generation', a.generation, 'actor', p_actor, 'by', p_event,
    'from', a.state, 'to', v_next), p_reason, p_event not in ('approve', 'resume'));
  return 'done';
end $function$;
alter function shift_agent(text,text,integer,text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.shut_gate(p_tenant text)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '7s'
AS $function$
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
end $function$;
alter function shut_gate(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.stage_entitles(p_tenant text, p_stage jsonb, p_opened_at timestamp with time zone, p_person text, p_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select exists (
    select from (
      select p_stage -> 'eligible' as eligible, p_stage -> 'from' as groups
      union all
      select p_stage -> 'escalation' -> 'eligible', p_stage -> 'escalation' -> 'to'
      where p_at >= p_opened_at + make_interval(secs => (p_stage -> 'escalation' ->> 'afterMs')::bigint / 1000.0)
    ) rung
    where rung.eligible ? p_person
      and exists (select from group_members m where m.tenant = p_tenant and m.person = p_person
                  and rung.groups ? ('group:' || m.group_name)))
$function$;
alter function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.state_in_line(p_tenant text, p_agent text, p_generation integer)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select l.state from line_of(p_tenant, p_agent) l
  where exists (select from agents g where (g.tenant, g.agent, g.generation) = (p_tenant, p_agent, p_generation))
  order by array_position(array['offboarded', 'offboarding', 'quarantined', 'onboarding', 'paused', 'read_only', 'ask_always', 'throttled', 'active'], l.state) limit 1
$function$;
alter function state_in_line(text,text,integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.still_stands(p proposals)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select case p.verb
    when 'lift' then exists (
      select from fences f where f.tenant = case when p.subject = 'global' then '*' else p.tenant end
        and f.scope = p.subject and f.closed and f.epoch = (p.what ->> 'epoch')::bigint)
    else exists (
      select from agents a where a.tenant = p.tenant and a.agent = p.what ->> 'agent' and a.generation = (p.what ->> 'generation')::integer
        and a.state = case p.verb when 'onboard' then 'onboarding' else 'quarantined' end)
  end
$function$;
alter function still_stands(proposals) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.stop_hearing(p_process text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  delete from processes where process = p_process;
$function$;
alter function stop_hearing(text) owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.stop_scope(p_tenant text, p_actor text, p_scope text, p_reason text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET lock_timeout TO '7s'
AS $function$
declare
  v_agent agents;
  v_refused text;
begin
  select * into v_agent from agents where tenant = p_tenant and 'agent:' || agent = p_scope;
  v_refused := case
    when p_scope = 'global' then 'forbidden'
    when p_scope like 'agent:%' and v_agent.agent is null then 'not_found'
    -- A name that nobody bears stops nothing, and whoever gave it would think that it did.
    when p_scope like 'team:%' and not exists (select from agents where tenant = p_tenant and 'team:' || team = p_scope) then 'not_found'
    when p_scope like 'action-type:%' and not knows_type(p_tenant, substr(p_scope, 13)) then 'not_found'
    when p_scope !~ '^(tenant|team:[a-z0-9-]{1,63}|agent:[a-z0-9-]{1,63}|action-type:[a-z][a-z0-9_.]{0,127})$' then 'not_found'
    when not (operates(p_tenant, p_actor, '*')
      or v_agent.agent is not null and (operates(p_tenant, p_actor, v_agent.environment) or p_actor = v_agent.owner)) then 'forbidden'
    when coalesce(trim(p_reason), '') = '' then 'reason_required'
  end;
  if v_refused is not null then return jsonb_build_object('refused', v_refused); end if;
  return jsonb_build_object('epoch', move_fence(p_tenant, p_scope, true, p_reason, p_actor));
end $function$;
alter function stop_scope(text,text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.stops_of(p_tenant text)
 RETURNS TABLE(scope text, epoch bigint, actor text, reason text, since timestamp with time zone, agents bigint, open_actions bigint, begun jsonb)
 LANGUAGE sql
 STABLE
AS $function$
  select f.scope, f.epoch, f.actor, f.reason, f.moved_at,
    (select count(*) from agents g where g.tenant = p_tenant and g.state <> 'offboarded' and (in_scope(f.scope, g.agent, g.team) or g.agent = any (born.agents))),
    (select count(*) from actions a where a.tenant = p_tenant and a.settled_at is null
      and (in_scope(f.scope, a.agent, a.team) or a.agent = any (born.agents) or f.scope = 'action-type:' || a.type)),
    (select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'step', e.step, 'kind', e.kind, 'state', e.state) order by e.begun_at), '[]') from (
      select e.* from effects e join actions a using (tenant, action)
      where e.tenant = p_tenant and a.settled_at is null and e.state in ('begun', 'unknown')
        and (in_scope(f.scope, a.agent, a.team) or a.agent = any (born.agents) or f.scope = 'action-type:' || a.type)
      order by e.begun_at limit 100) e join actions a using (tenant, action))
  from fences f,
    lateral (select array(
      select b.agent from agents p, born_of(p_tenant, p.agent) b
      where p.tenant = p_tenant and (f.scope = 'agent:' || p.agent or f.scope = 'team:' || p.team)
        and exists (select from agents c where c.tenant = p_tenant and c.parent = p.agent)) as agents) born
  where f.closed and f.tenant = case when f.scope = 'global' then '*' else p_tenant end
$function$;
alter function stops_of(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.successors_of(p_tenant text, p_agent text, p_kid text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
AS $function$
  with recursive found (kid, replaced_by) as (
    select c.kid, c.replaced_by from agent_credentials c
    where c.tenant = p_tenant and c.agent = p_agent and (p_kid is null or c.kid = p_kid)
    union
    select c.kid, c.replaced_by from found f join agent_credentials c on (c.tenant, c.kid) = (p_tenant, f.replaced_by))
  select kid from found
$function$;
alter function successors_of(text,text,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.surface_key(p_surface text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select left(encode(sha256(convert_to('countersign/surface/v1', 'UTF8') || '\x00'::bytea
    || convert_to('{"surface":' || canonical_text(p_surface) || '}', 'UTF8')), 'hex'), 32)
$function$;
alter function surface_key(text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.takes_over_admin(p_tenant text, p_actor text, p_change jsonb)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select (p_change ->> 'do' in ('issue_login', 'link_slack', 'link_address', 'unlink_slack', 'unlink_address', 'same', 'leave')
          or (p_change ->> 'do' = 'revoke_role' and p_change ->> 'role' = 'admin'))
     and exists (select from unnest(array[p_change ->> 'person', p_change ->> 'sameAs']) u (person)
                 where u.person <> p_actor and has_role(p_tenant, u.person, 'admin', '*'))
$function$;
alter function takes_over_admin(text,text,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.tell_fence_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('countersign_fences', '');
  return null;
end $function$;
alter function tell_fence_moved() owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.tell_life(p_tenant text, p_agent text, p_event text, p_entry jsonb, p_reason text, p_takes_away boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_key text := 'agent/' || p_agent || '/' || p_event || '/' || gen_random_uuid();
  v_entry jsonb := jsonb_strip_nulls(p_entry) || jsonb_build_object('event', p_event, 'agent', p_agent);
  v_body jsonb := case when p_reason is not null then jsonb_build_object('reason', p_reason) end;
begin
  if p_takes_away then
    perform write_or_owe(p_tenant, v_key, v_entry, v_body);
  else
    perform write_owed_entries(p_tenant);
    perform ledger_write(p_tenant, array[v_key], array[canonical_object(v_entry)], array[canonical_object(v_body)]);
  end if;
end $function$;
alter function tell_life(text,text,text,jsonb,text,boolean) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.tell_people(p_tenant text, p_event text, p_entry jsonb, p_body jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  select ledger_write(p_tenant, array['people/' || p_event || '/' || gen_random_uuid()],
    array[canonical_object(jsonb_strip_nulls(p_entry) || jsonb_build_object('event', p_event))],
    array[canonical_object(jsonb_strip_nulls(p_body))])
$function$;
alter function tell_people(text,text,jsonb,jsonb) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.tell_proposal(p_tenant text, p_proposal text, p_what text, p_entry jsonb, p_reason text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform write_owed_entries(p_tenant);
  perform ledger_write(p_tenant, array['proposal/' || p_proposal || '/' || p_what],
    array[canonical_object(p_entry || jsonb_build_object('event', 'proposal.' || p_what, 'proposal', p_proposal))],
    array[canonical_object(jsonb_build_object('reason', p_reason))]);
end $function$;
alter function tell_proposal(text,text,text,jsonb,text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION public.unheard_by()
 RETURNS TABLE(process text, kind text, heard_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select process, kind, heard_at from processes where moves_heard < fence_moves() and heard_at > clock_timestamp() - interval '1 minute'
$function$;
alter function unheard_by() owner to countersign_identity;

CREATE OR REPLACE FUNCTION public.use_payload_key(p_key_id text, p_check bytea)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('countersign/payload-keys', 0));
  update payload_keys set used_until = clock_timestamp() where key_id = p_key_id and check_value = p_check;
  if found then return true; end if;
  if exists (select from payload_keys) then return false; end if;
  -- Nothing was encrypted before the first, so that it locks nobody out.
  insert into payload_keys (key_id, check_value) values (p_key_id, p_check);
  return true;
end $function$;
alter function use_payload_key(text,bytea) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.wake_agent()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  insert into outbox (tenant, kind, agent, generation) values (new.tenant, 'agent', new.agent, new.generation);
  return null;
end $function$;
alter function wake_agent() owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.withdraw_task(p_tenant text, p_task text, p_resolution text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare t tasks;
begin
  update tasks
  set state = 'resolved', resolution = p_resolution, reason = 'The target said so itself.', resolved_by = 'countersign', resolved_at = clock_timestamp()
  where tenant = p_tenant and task = p_task and state = 'open'
  returning * into t;
  if not found then return false; end if;
  perform ledger_write(p_tenant, array['task/' || p_task || '/resolved'],
    array[canonical_object(jsonb_build_object('action', t.action, 'event', 'task.resolved', 'kind', t.kind, 'person', null,
      'resolution', p_resolution, 'step', t.step, 'task', p_task))],
    array[null]::text[]);
  return true;
end $function$;
alter function withdraw_task(text,text,text) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.write_or_owe(p_tenant text, p_key text, p_entry jsonb, p_body jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '500ms'
AS $function$
begin
  if exists (select from owed_entries where tenant = p_tenant) then
    raise exception 'what was owed before comes first';
  end if;
  perform ledger_write(p_tenant, array[p_key], array[canonical_object(p_entry)], array[canonical_object(p_body)]);
exception when others then
  insert into owed_entries (tenant, key, entry, body)
  values (p_tenant, p_key,
    canonical_object(p_entry || jsonb_build_object('owedSince',
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
    canonical_object(p_body));
end $function$;
alter function write_or_owe(text,text,jsonb,jsonb) owner to countersign_guard;

CREATE OR REPLACE FUNCTION public.write_owed_entries(p_tenant text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  v_written integer := 0;
  o owed_entries;
begin
  for o in select * from owed_entries where tenant = p_tenant order by owed_since, key for update loop
    perform ledger_write(p_tenant, array[o.key], array[o.entry], array[o.body]);
    delete from owed_entries where tenant = p_tenant and key = o.key;
    v_written := v_written + 1;
  end loop;
  return v_written;
end $function$;
alter function write_owed_entries(text) owner to countersign_guard;

-- Who may do what

grant select on account_links to countersign_guard;
grant select on action_rounds to countersign_auditor;
grant insert, select on action_rounds to countersign_gateway;
grant select on action_rounds to countersign_guard;
grant select on action_rounds to countersign_loops;
grant insert, select on action_rounds to countersign_worker;
grant select on actions to countersign_auditor;
grant insert, select, update (cancel_requested_at, cancel_requested_by) on actions to countersign_gateway;
grant select, update on actions to countersign_guard;
grant select on actions to countersign_identity;
grant select on actions to countersign_loops;
grant select, update (outcome, round, settled_at, state, waiting_on) on actions to countersign_worker;
grant select on admin_proposals to countersign_auditor;
grant select on admin_proposals to countersign_gateway;
grant delete, insert, select, update on admin_proposals to countersign_guard;
grant insert, select on agent_assertions to countersign_guard;
grant delete, select (expires_at) on agent_assertions to countersign_loops;
grant select on agent_credentials to countersign_auditor;
grant select on agent_credentials to countersign_gateway;
grant insert, select, update (not_after, replaced_by, revoked_at, rotation_required_at) on agent_credentials to countersign_guard;
grant select on agent_credentials to countersign_identity;
grant select on agent_credentials to countersign_loops;
grant select on agent_credentials to countersign_worker;
grant insert, select, update (used_at, used_for) on agent_enrolments to countersign_guard;
grant select on agent_enrolments to countersign_identity;
grant delete, select (expires_at) on agent_enrolments to countersign_loops;
grant select (agent, created_at, generation, issued_by, revoked_at, tenant) on agent_keys to countersign_auditor;
grant select (agent, created_at, generation, issued_by, revoked_at, tenant) on agent_keys to countersign_gateway;
grant select, select (agent, created_at, generation, issued_by, revoked_at, tenant), update (revoked_at) on agent_keys to countersign_guard;
grant select on agent_keys to countersign_identity;
grant select (agent, created_at, generation, issued_by, revoked_at, tenant) on agent_keys to countersign_loops;
grant select (agent, created_at, generation, issued_by, revoked_at, tenant) on agent_keys to countersign_worker;
grant select on agent_notes to countersign_auditor;
grant insert on agent_notes to countersign_guard;
grant delete, select, update (attempts, done_at, due_at, last_code) on agent_notes to countersign_loops;
grant select on agent_reviews to countersign_auditor;
grant select on agent_reviews to countersign_gateway;
grant delete, insert, select, update on agent_reviews to countersign_guard;
grant select on agent_reviews to countersign_loops;
grant select on agent_reviews to countersign_worker;
grant select on agent_versions to countersign_auditor;
grant select on agent_versions to countersign_gateway;
grant insert, select on agent_versions to countersign_guard;
grant select on agent_versions to countersign_loops;
grant select on agent_versions to countersign_worker;
grant select on agents to countersign_auditor;
grant select on agents to countersign_gateway;
grant insert, select, update (created_at, creator, data_scopes, environment, generation, owner, parent, parent_generation, purpose, quarantined_for, risk_tier, roles, state, state_since, team, version) on agents to countersign_guard;
grant select on agents to countersign_identity;
grant select on agents to countersign_loops;
grant select on agents to countersign_worker;
grant select on approval_requests to countersign_auditor;
grant select on approval_requests to countersign_gateway;
grant select, update on approval_requests to countersign_guard;
grant select on approval_requests to countersign_loops;
grant insert, select, update (closed_at, reminders, state) on approval_requests to countersign_worker;
grant select on budgets to countersign_auditor;
grant select on budgets to countersign_gateway;
grant select on budgets to countersign_guard;
grant select on budgets to countersign_loops;
grant insert, select, update (held_minor, limit_minor, spent_minor) on budgets to countersign_worker;
grant select on bundles to countersign_auditor;
grant select on bundles to countersign_gateway;
grant insert, select, update on bundles to countersign_guard;
grant select on bundles to countersign_identity;
grant select on bundles to countersign_loops;
grant select on bundles to countersign_worker;
grant select on checkpoints to countersign_auditor;
grant select on checkpoints to countersign_gateway;
grant select on checkpoints to countersign_identity;
grant insert, select on checkpoints to countersign_loops;
grant select on checkpoints to countersign_worker;
grant select on decisions to countersign_auditor;
grant select on decisions to countersign_gateway;
grant select on decisions to countersign_guard;
grant select on decisions to countersign_loops;
grant insert, select on decisions to countersign_worker;
grant select on departure_outcomes to countersign_auditor;
grant select on departure_outcomes to countersign_gateway;
grant insert, select, update (outcome) on departure_outcomes to countersign_guard;
grant select on departure_outcomes to countersign_loops;
grant select on departure_outcomes to countersign_worker;
grant select on departures to countersign_auditor;
grant select on departures to countersign_gateway;
grant insert, select, update (finished_at) on departures to countersign_guard;
grant select on departures to countersign_loops;
grant select on departures to countersign_worker;
grant select on effects to countersign_auditor;
grant select on effects to countersign_gateway;
grant insert, select, update on effects to countersign_guard;
grant select on effects to countersign_loops;
grant select, update (code, result, settled_at, state) on effects to countersign_worker;
grant select on fences to countersign_auditor;
grant select on fences to countersign_gateway;
grant insert, select, update on fences to countersign_guard;
grant select on fences to countersign_identity;
grant select on fences to countersign_loops;
grant select on fences to countersign_worker;
grant execute on function access_ended(text,text) to public;
grant execute on function accounts_of(text,text[]) to countersign_auditor;
grant execute on function accounts_of(text,text[]) to countersign_gateway;
grant execute on function accounts_of(text,text[]) to countersign_loops;
grant execute on function accounts_of(text,text[]) to countersign_worker;
grant execute on function activate_bundle(text,bigint,text) to countersign_worker;
grant execute on function agent_stopped(text,text,boolean) to public;
grant execute on function answer_review(text,text,text,text,text,text) to countersign_gateway;
grant execute on function approvals_in(text,text,bigint) to public;
grant execute on function ask_reconciliation(text,text,text,text) to countersign_gateway;
grant execute on function authenticate_agent(bytea) to countersign_gateway;
grant execute on function authenticate_person(bytea) to countersign_gateway;
grant execute on function authenticate_token(text,text,integer,bigint,text) to countersign_gateway;
grant execute on function authenticate_token(text,text,integer,bigint,text) to countersign_owner;
grant execute on function begin_departure(text,text,text,jsonb) to public;
grant execute on function begin_effect(text,text,text,text,integer,text,text,text,integer,bigint) to countersign_worker;
grant execute on function begin_mint(text,text) to countersign_worker;
grant execute on function begin_undo(text,text,text,text,integer,bigint) to countersign_worker;
grant execute on function born_of(text,text) to public;
grant execute on function cancel_for_offboarding(text,text,integer) to countersign_worker;
grant execute on function canonical_object(jsonb) to public;
grant execute on function canonical_text(text) to public;
grant execute on function cast_vote(text,text,text,text,text,text,text) to countersign_gateway;
grant execute on function change_links(text,text,jsonb) to public;
grant execute on function change_logins(text,text,jsonb) to public;
grant execute on function change_people(text,text,text,jsonb) to countersign_gateway;
grant execute on function change_person(text,jsonb) to public;
grant execute on function change_role(text,text,jsonb) to public;
grant execute on function claim_grant(text,text,text,integer,text) to countersign_gateway;
grant execute on function confirm_admin(text,text,text,text) to countersign_gateway;
grant execute on function conflicted_people(text,text) to countersign_auditor;
grant execute on function conflicted_people(text,text) to countersign_gateway;
grant execute on function conflicted_people(text,text) to countersign_loops;
grant execute on function conflicted_people(text,text) to countersign_owner;
grant execute on function conflicted_people(text,text) to countersign_worker;
grant execute on function count_agent_stop() to public;
grant execute on function count_idle(agent_reviews,agents,text,interval) to public;
grant execute on function count_review(agent_reviews,agents,text,jsonb,interval) to public;
grant execute on function credential_json(agent_credentials) to public;
grant execute on function cut_off_agent(text,text,integer) to countersign_worker;
grant execute on function decide_proposal(text,text,text,text,text,text) to countersign_gateway;
grant execute on function due_of_agent(agent_reviews,agents,jsonb,timestamp with time zone,interval) to public;
grant execute on function end_unanswerable(text,text,text) to countersign_worker;
grant execute on function enrol_agent(text,bytea,text,text) to countersign_gateway;
grant execute on function enrol_agent(text,bytea,text,text) to countersign_owner;
grant execute on function epoch_of(agents) to public;
grant execute on function except_from_offboarding(text,text,text,text,text) to countersign_gateway;
grant execute on function fence_moves() to public;
grant execute on function find_agent_credential(text) to countersign_gateway;
grant execute on function find_agent_credential(text) to countersign_owner;
grant execute on function find_agent_enrolment(bytea) to countersign_gateway;
grant execute on function find_agent_enrolment(bytea) to countersign_owner;
grant execute on function find_init_link(bytea) to countersign_gateway;
grant execute on function find_mail_link(bytea) to countersign_gateway;
grant execute on function finish_departure(text,text) to countersign_worker;
grant execute on function finish_offboarding(text,text,integer,jsonb,text) to countersign_worker;
grant execute on function give_agent(text,text,text,text,text) to public;
grant execute on function grant_role(text) to public;
grant execute on function hand_over_agent(text,text,text) to countersign_worker;
grant execute on function has_login_from(text,text,text[]) to public;
grant execute on function has_not_departed(text,text) to public;
grant execute on function has_role(text,text,text,text) to countersign_auditor;
grant execute on function has_role(text,text,text,text) to countersign_gateway;
grant execute on function has_role(text,text,text,text) to countersign_loops;
grant execute on function has_role(text,text,text,text) to countersign_owner;
grant execute on function has_role(text,text,text,text) to countersign_worker;
grant execute on function hear_stops(text,text,bigint) to countersign_gateway;
grant execute on function hear_stops(text,text,bigint) to countersign_worker;
grant execute on function holder_to_stop(text,text,text) to public;
grant execute on function human_of(text,text) to public;
grant execute on function in_scope(text,text,text) to public;
grant execute on function is_good(agent_credentials) to public;
grant execute on function is_id(text) to public;
grant execute on function is_last_admin(text,text) to public;
grant execute on function iso_time(timestamp with time zone) to public;
grant execute on function issue_agent_enrolment(text,text,text,bytea,interval) to countersign_gateway;
grant execute on function issue_agent_enrolment(text,text,text,bytea,interval) to countersign_owner;
grant execute on function issue_link_code(text,text,text,bytea) to countersign_gateway;
grant execute on function keep_cancellation() to public;
grant execute on function key_holders_since(text,text,integer,timestamp with time zone) to public;
grant execute on function knows_type(text,text) to public;
grant execute on function lapse_onboarding(text,text,integer) to countersign_worker;
grant execute on function last_asked(agents) to public;
grant execute on function ledger_append(text,text[],text[],text[]) to countersign_gateway;
grant execute on function ledger_append(text,text[],text[],text[]) to countersign_guard;
grant execute on function ledger_append(text,text[],text[],text[]) to countersign_loops;
grant execute on function ledger_append(text,text[],text[],text[]) to countersign_worker;
grant execute on function ledger_check(text,text[],text[],text[]) to countersign_ledger;
grant execute on function ledger_write(text,text[],text[],text[]) to countersign_guard;
grant execute on function left_of_agent(text,text,integer) to public;
grant execute on function line_of(text,text) to public;
grant execute on function line_stopped(text,text,integer,text,boolean) to public;
grant execute on function link_slack_by_code(text,text,bytea) to countersign_gateway;
grant execute on function lock_lent_grant(text,text,text,integer) to public;
grant execute on function lock_people(text) to public;
grant execute on function mailbox_of(text) to public;
grant execute on function max_line() to public;
grant execute on function may_confirm_admin(text,text,text,text) to public;
grant execute on function may_hold_credentials(text) to public;
grant execute on function may_inherit(text,text,text) to public;
grant execute on function may_tell(text,text,text) to public;
grant execute on function measure_operations() to countersign_gateway;
grant execute on function move_agent(text,text,text,text,text) to countersign_gateway;
grant execute on function next_agent_state(text,text) to public;
grant execute on function offboard_children(text,text,integer) to countersign_worker;
grant execute on function operates(text,text,text) to public;
grant execute on function parts_accounts(text,jsonb) to public;
grant execute on function pass_gates(text) to public;
grant execute on function people_behind(text,text) to public;
grant execute on function people_once_behind(text,text) to public;
grant execute on function production_problems() to countersign_auditor;
grant execute on function production_problems() to countersign_gateway;
grant execute on function production_problems() to countersign_loops;
grant execute on function production_problems() to countersign_worker;
grant execute on function propose(text,text,text,jsonb,text) to public;
grant execute on function propose_lift(text,text,text,text) to countersign_gateway;
grant execute on function propose_resume_under(text,text,text,text,text) to countersign_gateway;
grant execute on function quarantine_agent(text,text,integer,text,bigint) to countersign_gateway;
grant execute on function quarantine_cause(text,text) to public;
grant execute on function quarantine_for(text,text,integer,text,text) to public;
grant execute on function quarantine_holder(text,text,text) to countersign_worker;
grant execute on function read_fences(text,text,text,text) to public;
grant execute on function record_mint(text,text,integer,integer,text) to countersign_worker;
grant execute on function redeem_assertion(text,text,text,timestamp with time zone,text) to countersign_gateway;
grant execute on function redeem_assertion(text,text,text,timestamp with time zone,text) to countersign_owner;
grant execute on function redeem_init_link(text,bytea,bytea) to countersign_gateway;
grant execute on function refuse_change() to public;
grant execute on function refuse_in_doubt() to public;
grant execute on function refused_by_votes(approval_requests) to public;
grant execute on function refused_to_decide(proposals,text) to public;
grant execute on function register_agent(text,text,jsonb,text) to countersign_gateway;
grant execute on function register_credential(text,text,integer,text,text,text,text,interval) to public;
grant execute on function register_version(text,text,text,jsonb,text) to countersign_gateway;
grant execute on function require_rotation(text,text,text,text) to countersign_gateway;
grant execute on function require_rotation(text,text,text,text) to countersign_owner;
grant execute on function reroute_approval(text,text,text) to countersign_worker;
grant execute on function resolve_task(text,text,text,text,text) to countersign_gateway;
grant execute on function return_grant(text,text,text,integer,text,text) to countersign_gateway;
grant execute on function review_agents(text,jsonb,integer) to countersign_loops;
grant execute on function revoke_agent_credential(text,text,text,text,text) to countersign_gateway;
grant execute on function revoke_agent_credential(text,text,text,text,text) to countersign_owner;
grant execute on function rights_digest(agents) to public;
grant execute on function rights_of(agents) to public;
grant execute on function rotate_agent_credential(text,text,text,text,text) to countersign_gateway;
grant execute on function rotate_agent_credential(text,text,text,text,text) to countersign_owner;
grant execute on function says_its_key(text[],jsonb) to public;
grant execute on function scopes_in_line(text,text) to public;
grant execute on function shift_agent(text,text,integer,text,text,text) to public;
grant execute on function shut_gate(text) to public;
grant execute on function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) to countersign_auditor;
grant execute on function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) to countersign_gateway;
grant execute on function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) to countersign_loops;
grant execute on function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) to countersign_owner;
grant execute on function stage_entitles(text,jsonb,timestamp with time zone,text,timestamp with time zone) to countersign_worker;
grant execute on function state_in_line(text,text,integer) to public;
grant execute on function still_stands(proposals) to public;
grant execute on function stop_hearing(text) to countersign_gateway;
grant execute on function stop_hearing(text) to countersign_worker;
grant execute on function stop_scope(text,text,text,text) to countersign_gateway;
grant execute on function stops_of(text) to public;
grant execute on function successors_of(text,text,text) to public;
grant execute on function surface_key(text) to public;
grant execute on function takes_over_admin(text,text,jsonb) to public;
grant execute on function tell_fence_moved() to public;
grant execute on function tell_life(text,text,text,jsonb,text,boolean) to public;
grant execute on function tell_people(text,text,jsonb,jsonb) to public;
grant execute on function tell_proposal(text,text,text,jsonb,text) to public;
grant execute on function unheard_by() to countersign_gateway;
grant execute on function use_payload_key(text,bytea) to countersign_gateway;
grant execute on function use_payload_key(text,bytea) to countersign_worker;
grant execute on function withdraw_task(text,text,text) to countersign_worker;
grant execute on function write_owed_entries(text) to countersign_loops;
grant select on grant_claims to countersign_auditor;
grant select on grant_claims to countersign_gateway;
grant insert, select, update on grant_claims to countersign_guard;
grant select (claim, claimed_at, grant_id, minted_at, mints, public_key, tenant) on grant_claims to countersign_loops;
grant select (claim, claimed_at, grant_id, minted_at, mints, public_key, tenant) on grant_claims to countersign_worker;
grant select on grants to countersign_auditor;
grant select on grants to countersign_gateway;
grant insert, select, update on grants to countersign_guard;
grant select on grants to countersign_identity;
grant select, update (ended_by, last_code, next_revoke_at, revoke_attempts, revoked_at, state) on grants to countersign_loops;
grant select, update (ended_by, last_code, next_revoke_at, revoke_attempts, revoked_at, state, verified, verified_at) on grants to countersign_worker;
grant select on group_members to countersign_auditor;
grant select on group_members to countersign_gateway;
grant delete, insert, select on group_members to countersign_guard;
grant select on group_members to countersign_loops;
grant select on group_members to countersign_worker;
grant select, update (used_at) on init_links to countersign_guard;
grant select on init_links to countersign_identity;
grant select on ledger to countersign_auditor;
grant select on ledger to countersign_gateway;
grant select on ledger to countersign_identity;
grant insert, select on ledger to countersign_ledger;
grant select on ledger to countersign_loops;
grant select on ledger to countersign_worker;
grant select on ledger_bodies to countersign_auditor;
grant select on ledger_bodies to countersign_gateway;
grant insert on ledger_bodies to countersign_ledger;
grant delete, select on ledger_bodies to countersign_loops;
grant select on ledger_bodies to countersign_worker;
grant select on ledger_doubts to countersign_auditor;
grant select on ledger_doubts to countersign_guard;
grant insert, select on ledger_doubts to countersign_loops;
grant select, update (code_attempts, code_expires_at, code_hash, codes_sent, used_at) on mail_links to countersign_gateway;
grant select on mail_links to countersign_identity;
grant delete, insert, select on mail_links to countersign_loops;
grant select on notices to countersign_auditor;
grant select on notices to countersign_gateway;
grant insert, select, update on notices to countersign_guard;
grant select on notices to countersign_identity;
grant select, update (attempts, due_at, held_until, hold, last_code, shown_version) on notices to countersign_loops;
grant select on notices to countersign_worker;
grant select on offboarding_exceptions to countersign_auditor;
grant select on offboarding_exceptions to countersign_gateway;
grant insert, select on offboarding_exceptions to countersign_guard;
grant select on offboarding_exceptions to countersign_loops;
grant select on offboarding_exceptions to countersign_worker;
grant select on outbox to countersign_auditor;
grant insert, select, update (attempts, done_at) on outbox to countersign_gateway;
grant insert, select on outbox to countersign_guard;
grant select on outbox to countersign_identity;
grant delete, insert, select, update (attempts, done_at, due_at, last_code) on outbox to countersign_loops;
grant insert, select on outbox to countersign_worker;
grant select on owed_entries to countersign_auditor;
grant delete, insert, select, update on owed_entries to countersign_guard;
grant select on owed_entries to countersign_loops;
grant select on payload_keys to countersign_auditor;
grant select on payload_keys to countersign_gateway;
grant insert, select, update on payload_keys to countersign_guard;
grant select on payload_keys to countersign_identity;
grant select on payload_keys to countersign_worker;
grant select on people to countersign_auditor;
grant select on people to countersign_gateway;
grant insert, select, update (human, roles, state) on people to countersign_guard;
grant select on people to countersign_identity;
grant select on people to countersign_loops;
grant select on people to countersign_worker;
grant select on person_addresses to countersign_gateway;
grant delete, insert, select, update on person_addresses to countersign_guard;
grant select on person_addresses to countersign_loops;
grant select (expires_at, issued_at, issued_by, login, person, revoked_at, tenant) on person_tokens to countersign_gateway;
grant insert, select (expires_at, issued_at, issued_by, login, person, revoked_at, tenant), update (revoked_at) on person_tokens to countersign_guard;
grant select on person_tokens to countersign_identity;
grant delete, insert, select, update on processes to countersign_identity;
grant select on proposals to countersign_auditor;
grant select on proposals to countersign_gateway;
grant insert, select, update (decided_at, decided_by, state) on proposals to countersign_guard;
grant select on proposals to countersign_loops;
grant select on proposals to countersign_worker;
grant select on receipts to countersign_auditor;
grant select on receipts to countersign_gateway;
grant insert, select on receipts to countersign_guard;
grant select on receipts to countersign_loops;
grant select on receipts to countersign_worker;
grant select on reconciliations to countersign_auditor;
grant select on reconciliations to countersign_gateway;
grant insert, select on reconciliations to countersign_guard;
grant select, update (taken_at) on reconciliations to countersign_loops;
grant select, update (digest, findings, finished_at, targets) on reconciliations to countersign_worker;
grant select on reported_decisions to countersign_auditor;
grant insert, select on reported_decisions to countersign_gateway;
grant select on reported_decisions to countersign_guard;
grant select on reported_decisions to countersign_loops;
grant select on reported_decisions to countersign_worker;
grant select on reservations to countersign_auditor;
grant select on reservations to countersign_gateway;
grant select, update on reservations to countersign_guard;
grant select on reservations to countersign_loops;
grant insert, select, update (state) on reservations to countersign_worker;
grant select on review_watches to countersign_auditor;
grant insert, select, update on review_watches to countersign_guard;
grant select on review_watches to countersign_loops;
grant select on role_grants to countersign_auditor;
grant select on role_grants to countersign_gateway;
grant delete, insert, select on role_grants to countersign_guard;
grant select on role_grants to countersign_identity;
grant select on role_grants to countersign_loops;
grant select on role_grants to countersign_worker;
grant usage on schema public to countersign_auditor;
grant usage on schema public to countersign_gateway;
grant usage on schema public to countersign_guard;
grant usage on schema public to countersign_identity;
grant usage on schema public to countersign_loops;
grant usage on schema public to countersign_worker;
grant usage on schema public to public;
grant select on security_events to countersign_auditor;
grant insert, select, update on security_events to countersign_gateway;
grant delete, select (minute) on security_events to countersign_loops;
grant insert, select, update on security_events to countersign_worker;
grant select on served_identities to countersign_auditor;
grant insert, select, update (served_at) on served_identities to countersign_gateway;
grant select on served_identities to countersign_guard;
grant select on served_identities to countersign_loops;
grant select on served_identities to countersign_worker;
grant insert, select on slack_deliveries to countersign_gateway;
grant delete, select on slack_deliveries to countersign_loops;
grant select on slack_identities to countersign_auditor;
grant select on slack_identities to countersign_gateway;
grant delete, insert, select, update on slack_identities to countersign_guard;
grant select on slack_identities to countersign_loops;
grant select on slack_identities to countersign_worker;
grant select on slack_link_codes to countersign_gateway;
grant insert, select, update on slack_link_codes to countersign_guard;
grant delete, select on slack_link_codes to countersign_loops;
grant select on surfaces to countersign_auditor;
grant select on surfaces to countersign_gateway;
grant select on surfaces to countersign_guard;
grant delete, insert, select, update on surfaces to countersign_loops;
grant select on surfaces to countersign_worker;
grant select on tasks to countersign_auditor;
grant select on tasks to countersign_gateway;
grant select, update (reason, resolution, resolved_at, resolved_by, state) on tasks to countersign_guard;
grant select on tasks to countersign_identity;
grant select on tasks to countersign_loops;
grant insert (action, kind, step, task, tenant), select on tasks to countersign_worker;
grant select on tenants to countersign_auditor;
grant select on tenants to countersign_gateway;
grant select on tenants to countersign_guard;
grant select on tenants to countersign_identity;
grant select on tenants to countersign_loops;
grant select on tenants to countersign_worker;
grant select on valid_votes to countersign_auditor;
grant select on valid_votes to countersign_gateway;
grant select on valid_votes to countersign_guard;
grant select on valid_votes to countersign_loops;
grant select on valid_votes to countersign_worker;
grant select on votes to countersign_auditor;
grant select on votes to countersign_gateway;
grant insert, select on votes to countersign_guard;
grant select on votes to countersign_loops;
grant select on votes to countersign_worker;

-- Remarks

comment on view public.account_links is 'Two accounts that have a link in common belong to one human.';
comment on table public.action_rounds is 'Each time the world or the policy changed under an action it is decided anew: new facts, new digest, new votes.';
comment on column public.actions.on_behalf_of is 'Whom the agent says it acts for. It lets nobody decide; that person may not.';
comment on column public.actions.request_id is 'Of the HTTP request that recorded it; where traces are kept, it is the id of the trace. Not part of any digest.';
comment on table public.admin_proposals is 'One admin proposes another; a second person confirms it (may_confirm_admin), or it lapses.';
comment on table public.agent_assertions is 'What was exchanged for a token, so that it is not exchanged again.';
comment on table public.agent_credentials is 'Public keys of agents (Ed25519), by thumbprint (RFC 7638). It is good from when it is registered.';
comment on column public.agent_credentials.issued_by is 'Whoever was shown the secret of the enrolment that this goes back to: they could act as the agent, and never decide on what it asks.';
comment on column public.agent_credentials.replaced_by is 'One key has one successor: a thief who registers the next one is found out when the agent cannot.';
comment on table public.agent_enrolments is 'Secrets by which an agent registers its first key: one key each, within a quarter of an hour, for the generation it was made for.';
comment on column public.agent_enrolments.life is 'Of the credential. A week at most: by then somebody has looked at a machine that stopped renewing it.';
comment on column public.agent_keys.expires_at is 'Null: good until it is revoked. Production refuses to start with such a key.';
comment on column public.agent_keys.issued_by is 'Whoever was shown the key could act as the agent, and never decides on what it asks.';
comment on table public.agent_notes is 'What the owner of an agent is to be told of it. Decides nothing.';
comment on table public.agent_reviews is 'Of each agent: when somebody last confirmed what it may do, how often its owner was warned that it asks for nothing, and when to look again.';
comment on column public.agent_reviews.asked_before is 'The newest thing that it had asked for when its owner was warned. Another one since, and the warnings count no more.';
comment on column public.agent_reviews.look_at is 'Null: of this agent nothing will be due, for it was not let in or leaves.';
comment on table public.agent_versions is 'What an agent is made of: model, prompt, tools and configuration. Never changed; a change is another version.';
comment on column public.agents.generation is 'Grows when an id is registered again; a new generation inherits nothing.';
comment on column public.agents.parent is 'The agent that it comes from, in that generation; null where people alone answer for it.';
comment on column public.agents.purpose is 'What it is for, in the words of whoever registered it; null where an agent was made before agents were registered.';
comment on column public.agents.quarantined_for is 'Digests of the causes of its quarantine, the last one if it is over: what comes again and again is told once. Empty where it was made before they were kept.';
comment on column public.agents.times_stopped is 'How often the agent was paused, quarantined or taken out of service, whoever did it.';
comment on column public.approval_requests.stages is 'domain/approval.ts OpenStage[]: who may vote was settled when the request opened; later changes can only narrow it.';
comment on table public.bundles is 'Every signed policy bundle that was ever in force; the highest version is. Kept, so that any decision can be evaluated again.';
comment on table public.checkpoints is 'A convenience copy. The checkpoints that prove something are those exported outside this database.';
comment on column public.decisions.stage is '''initial'', or ''preflight/<step>'': policy is asked again just before each effect.';
comment on table public.departure_outcomes is 'What became of each thing that hung on a person who left. Keys: the person was shown a key of this agent that is still good.';
comment on table public.departures is 'Who left, and to whom their agents go; null: to nobody, so they stop.';
comment on column public.departures.departure is 'What Temporal calls it by: it is told of no person.';
comment on table public.effects is 'The consume-once row: one for each step and direction, begun by begin_effect alone.';
comment on table public.fences is 'One row stops a whole scope. Moved only behind an exclusive gate, read only behind a shared one.';
comment on table public.grant_claims is 'Which keys a credential was made for: each claim under another key is a new password, and the end of the one before. Three at most: an agent that lost its key twice is none that should go on.';
comment on column public.grant_claims.jwe is 'The credential, readable by the holder of the private key alone; forgotten when another claim takes its place or the grant is over.';
comment on column public.grant_claims.mints is 'How often a credential was begun to be made for this claim: only the last one is handed out.';
comment on column public.grant_claims.public_key is 'X25519, the member x of the JWK. The private half never left the agent.';
comment on table public.grants is 'Leases. An intent is written before anything is minted, so whatever dies, the reaper finds it here.';
comment on column public.grants.report is 'What the agent says that it did with access of its own. Its claim, checked by nobody.';
comment on column public.grants.verified is 'Asked after its end. Absent: the target was asked what it still has, and it is not among it. Unverified: that target cannot be asked.';
comment on table public.init_links is 'How the first admin comes in. Written by whoever owns the database; worth nothing once there is an admin.';
comment on table public.ledger is 'Append-only Merkle log. The columns besides leaf repeat what the leaf says, to be indexed; ledger verify compares them.';
comment on table public.ledger_bodies is 'Personal data beside the log. Deleting a row erases body and salt: the commitment then tells nothing, and proofs still hold.';
comment on table public.ledger_doubts is 'A log that contradicts the signed checkpoint over so many entries: no effect begins until an operator has acknowledged it.';
comment on column public.ledger_doubts.checkpoint is 'The hash of the whole signed note, as the one after it names it.';
comment on table public.mail_links is 'What a mail leads to: one person, one request, one digest, one vote. The token itself is only in the mail.';
comment on table public.notices is 'One for each request for approval. Every change of it, by whatever channel, is a new version; the loop shows it everywhere.';
comment on column public.notices.held_until is 'One loop tells the request until then, and puts it off while it lives; of a loop that died it is free soon.';
comment on column public.notices.hold is 'Which hold it is, counted up when it is taken and when somebody whose hold was lost spoke meanwhile: only who has this one knows what is shown.';
comment on table public.offboarding_exceptions is 'An action or a grant that an offboarding need not wait for, and the person who accepted that.';
comment on column public.outbox.created_at is 'When it was written; due_at moves with every try.';
comment on table public.owed_entries is 'What was stopped while the ledger could not be written; written there as soon as it can be.';
comment on table public.payload_keys is 'The keys that payloads in Temporal were encrypted with. A process that lacks one of them, or holds another under its id, must not start: what it could not read it would take for forged.';
comment on column public.payload_keys.check_value is 'HMAC-SHA256 of a constant under the key: equal for equal keys, and of no other use.';
comment on column public.payload_keys.used_until is 'When a process last said that it encrypts with it; they say so every hour.';
comment on column public.people.human is 'Accounts of one human share it; null stands for the person''s own id.';
comment on table public.person_addresses is 'Personal data. Where a person gets mail; one address is one person.';
comment on table public.person_tokens is 'SHA-256 of login tokens of 256 random bits; the tokens themselves are never stored.';
comment on column public.person_tokens.login is 'How people name a token that nobody can show any more. Sixteen digits of the hash of 256 random bits tell nothing.';
comment on table public.processes is 'The processes of this deployment that work now, and up to which move of a fence each has heard.';
comment on table public.proposals is 'What one person wants and another has to confirm, by the digest of what they saw. It lapses after a week: who wanted it has long decided otherwise.';
comment on table public.receipts is 'What an offboarding found and left; its digest is in the ledger.';
comment on table public.reconciliations is 'One look at every target. Its findings never change; their digest is in the ledger.';
comment on column public.reconciliations.ends_aliens_of is 'An earlier one: what it named as alien is ended, and nothing else. Who asked for that gave a reason, which is beside the ledger.';
comment on table public.reported_decisions is 'What agents say that they decided themselves, with what deciding again gave. Nothing rests on it.';
comment on column public.reported_decisions.claimed_at is 'By the agent''s word.';
comment on column public.reported_decisions.digest is 'Of the report. Two reports with one number contradict each other; the second is a mismatch.';
comment on table public.review_watches is 'For how long the rounds of a tenant have really been watching. A clock that is put forward, or a worker that was away, adds an hour at most.';
comment on column public.review_watches.hour is 'The watched hour that told and moved count in.';
comment on table public.role_grants is 'Roles in one environment. Those that hold in every environment are in people.roles; an admin is one everywhere.';
comment on table public.security_events is 'What came from nobody we know, a request or a workflow, counted by the minute so that a flood cannot fill the disk.';
comment on table public.served_identities is 'Who agents were told that they are, and when last: an honest process goes on with it for a minute after a role or a version was changed, and may report for a day what it decided by then.';
comment on column public.served_identities.served_at is 'When last, to the minute.';
comment on table public.slack_deliveries is 'SHA-256 of each signed request that took effect, kept for as long as its signature is accepted: sent again, it does nothing.';
comment on table public.slack_identities is 'Who a Slack account is, both ways unique. Never taken from a profile, which its owner can edit.';
comment on table public.slack_link_codes is 'Given to whoever presses a button and is unknown; worth something only to a person who is logged in.';
comment on table public.surfaces is 'Each message that shows a request. Written down as intended before it is sent, so that a crash in between is noticed.';
comment on column public.surfaces.shown_digest is 'SHA-256 of what was sent: what the person saw is evidence.';
comment on table public.tasks is 'What only a person can settle. The action waits; nothing is guessed.';
comment on table public.tenants is 'Customers of one deployment. ''*'' is the deployment itself: it owns the global fence.';
comment on view public.valid_votes is 'Which votes count, asked again every time: an approval goes with the role, the group or the impartiality of whoever gave it, a denial stands.';
comment on table public.votes is 'Written by cast_vote alone. Whoever approved may still deny; nobody can take a denial back.';
