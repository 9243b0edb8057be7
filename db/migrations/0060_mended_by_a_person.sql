-- An undo that its target does not answer is tried again for as long as it takes, and a person is asked meanwhile. Once they say that it is mended
-- nothing is sent any more: what they did by hand must not be done a second time.
create or replace function begin_undo(p_tenant text, p_action text, p_step text, p_target text, p_send_within_ms integer, p_grant_ttl_ms bigint) returns jsonb
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
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
end $$;
