-- Who may do what. Row security is forced: it holds for owners of tables too, and a forgotten `where tenant =` shows nothing.

do $$
declare t text;
begin
  foreach t in array array['tenants', 'people', 'group_members', 'person_tokens', 'agents', 'agent_keys', 'actions', 'action_rounds', 'decisions',
    'budgets', 'reservations', 'approval_requests', 'votes', 'effects', 'grants', 'outbox', 'tasks']
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy own_tenant on %I using (tenant = current_setting(''app.tenant'', true)) with check (tenant = current_setting(''app.tenant'', true))', t);
  end loop;
end $$;

alter table fences enable row level security;
alter table fences force row level security;
create policy own_tenant_and_global on fences
  using (tenant in (current_setting('app.tenant', true), '*')) with check (tenant in (current_setting('app.tenant', true), '*'));

grant usage on schema public to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard, countersign_identity;

-- Everybody may read, except the hashes of credentials.
grant select on tenants, people, group_members, agents, bundles, fences, actions, action_rounds, decisions, budgets, reservations,
  approval_requests, votes, valid_votes, effects, grants, outbox, tasks
  to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor, countersign_guard;
grant select on security_events to countersign_auditor;
grant select on agent_keys, agents, person_tokens, people to countersign_identity;

-- The gateway takes requests; it decides nothing.
grant insert on actions, action_rounds, outbox to countersign_gateway;
grant update (cancel_requested_at, cancel_requested_by) on actions to countersign_gateway;
grant update (done_at, attempts) on outbox to countersign_gateway;
grant update (state, resolution, reason, resolved_by, resolved_at) on tasks to countersign_gateway;
grant insert, update on security_events to countersign_gateway;
grant select on security_events to countersign_gateway;

-- The worker carries actions on; it can neither vote nor begin an effect but through the guards.
grant insert on action_rounds, decisions, budgets, reservations, approval_requests, outbox, tasks to countersign_worker;
grant update (limit_minor, held_minor, spent_minor) on budgets to countersign_worker;
grant update (state) on reservations to countersign_worker;
grant update (state, reminders, closed_at) on approval_requests to countersign_worker; -- never who may vote, on what, until when
grant update (round, state, waiting_on, outcome, settled_at) on actions to countersign_worker;
grant update (state, result, code, settled_at) on effects to countersign_worker;
grant update (state, ended_by, revoke_attempts, next_revoke_at, last_code, revoked_at) on grants to countersign_worker, countersign_loops;
grant update (due_at, done_at, attempts, last_code) on outbox to countersign_loops;
grant insert on tasks, outbox to countersign_loops;

grant select, insert on votes to countersign_guard;
grant select, insert, update on fences, effects, grants, bundles to countersign_guard;
grant insert on outbox to countersign_guard;
grant update (state, resolution, reason, resolved_by, resolved_at) on tasks to countersign_guard;
grant update on approval_requests, actions, reservations to countersign_guard; -- for their row locks, and the action's state
grant execute on function ledger_write(text, text[], text[], text[]), ledger_append(text, text[], text[], text[]) to countersign_guard;

grant create on schema public to countersign_guard, countersign_identity;
alter function authenticate_agent(bytea) owner to countersign_identity;
alter function authenticate_person(bytea) owner to countersign_identity;
alter function move_fence(text, text, boolean, text, text) owner to countersign_guard;
alter function cast_vote(text, text, text, text, text, text, text) owner to countersign_guard;
alter function begin_effect(text, text, text, text, integer, text, text, text, integer, bigint) owner to countersign_guard;
alter function begin_undo(text, text, text, text, integer, bigint) owner to countersign_guard;
alter function open_effect(text, text, text, text, text, text, integer, text, integer, bigint) owner to countersign_guard;
alter function activate_bundle(text, bigint, text) owner to countersign_guard;
alter function withdraw_task(text, text, text) owner to countersign_guard;
revoke create on schema public from countersign_guard, countersign_identity;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.proname in
    ('authenticate_agent', 'authenticate_person', 'move_fence', 'cast_vote', 'begin_effect', 'begin_undo', 'open_effect', 'activate_bundle', 'withdraw_task')
  loop
    execute format('revoke execute on function %s from public', f);
  end loop;
end $$;
grant execute on function authenticate_agent(bytea), authenticate_person(bytea) to countersign_gateway;
grant execute on function cast_vote(text, text, text, text, text, text, text) to countersign_gateway;
grant execute on function move_fence(text, text, boolean, text, text) to countersign_gateway;
grant execute on function begin_effect(text, text, text, text, integer, text, text, text, integer, bigint) to countersign_worker;
grant execute on function begin_undo(text, text, text, text, integer, bigint) to countersign_worker;
grant execute on function activate_bundle(text, bigint, text) to countersign_worker;
grant execute on function withdraw_task(text, text, text) to countersign_worker;
