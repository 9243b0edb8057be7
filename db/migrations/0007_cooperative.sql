-- The cooperative lane: agents decide in their own process under a part of the bundle, and report what they decided. A report
-- is a claim; the gateway decides again.

create table served_identities (
  tenant text not null,
  agent text not null,
  generation integer not null,
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  identity jsonb not null,
  served_at timestamptz not null default now(),
  primary key (tenant, agent, generation, digest),
  foreign key (tenant, agent) references agents
);
comment on table served_identities is
  'Who agents were told that they are: an honest process goes on with it for a moment after a role or a version was changed.';
comment on column served_identities.served_at is 'When last, to the minute.';

create table reported_decisions (
  tenant text not null,
  agent text not null,
  generation integer not null,
  stream text not null check (stream ~ '^[0-9a-f-]{36}$'),
  seq bigint not null check (seq >= 1),
  digest text not null check (digest ~ '^sha256:[0-9a-f]{64}$'),
  type text not null,
  params jsonb not null,
  claimed_at timestamptz not null,
  effect text not null check (effect in ('allow', 'deny', 'require_approval')),
  bundle_digest text not null,
  input_digest text not null,
  verdict text not null check (verdict in ('confirmed', 'diverged', 'mismatch')),
  cause text,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (tenant, agent, generation, stream, seq, digest),
  foreign key (tenant, agent) references agents
);
comment on table reported_decisions is
  'What agents say that they decided themselves, with what deciding again gave. Nothing rests on it.';
comment on column reported_decisions.digest is 'Of the report. Two reports with one number contradict each other; the second is a mismatch.';
comment on column reported_decisions.claimed_at is 'By the agent''s word.';

-- An agent whose report is a mismatch acts no more. Behind the gate, exclusively: when this commits, no effect of the agent is about
-- to begin. False where it was not active any more, or nothing is recorded that says why.
create function quarantine_agent(p_tenant text, p_agent text, p_generation integer, p_stream text, p_seq bigint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare v_cause text;
begin
  perform pg_advisory_xact_lock(7001, hashtext(p_tenant));
  select r.cause into v_cause from reported_decisions r
  where r.tenant = p_tenant and r.agent = p_agent and r.generation = p_generation and r.stream = p_stream and r.seq = p_seq
    and r.verdict = 'mismatch'
  limit 1;
  if not found then return false; end if;
  update agents set state = 'quarantined'
  where tenant = p_tenant and agent = p_agent and generation = p_generation and state = 'active';
  if not found then return false; end if;
  perform ledger_write(p_tenant, array['quarantine/' || p_agent || '/' || p_generation || '/' || p_stream || '/' || p_seq],
    array[canonical_object(jsonb_build_object('agent', p_agent, 'cause', v_cause, 'event', 'agent.quarantined',
      'generation', p_generation, 'seq', p_seq, 'stream', p_stream))],
    array[null]::text[]);
  return true;
end $$;

-- As before, and what the new guard writes besides.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
  language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence|quarantine)/|^effect/.*/begun$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

do $$
declare t text;
begin
  foreach t in array array['served_identities', 'reported_decisions']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

grant select on served_identities, reported_decisions
  to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant insert on served_identities, reported_decisions to countersign_gateway;
grant update (served_at) on served_identities to countersign_gateway;
grant update (state) on agents to countersign_guard;

grant create on schema public to countersign_guard;
alter function quarantine_agent(text, text, integer, text, bigint) owner to countersign_guard;
revoke create on schema public from countersign_guard;
revoke execute on function quarantine_agent(text, text, integer, text, bigint) from public;
grant execute on function quarantine_agent(text, text, integer, text, bigint) to countersign_gateway;
