-- The last part of the key of what was shown: as `digestOf('surface', …)` where people are told.
create function surface_key(p_surface text) returns text language sql immutable as $$
  select left(encode(sha256(convert_to('countersign/surface/v1', 'UTF8') || '\x00'::bytea
    || convert_to('{"surface":' || canonical_text(p_surface) || '}', 'UTF8')), 'hex'), 32)
$$;

-- Whether an entry names in what it says the same things as in its key. A key is written once, but whoever reads finds an entry by what it says: under
-- keys of other things, more could be told of one whose own keys are written. Words of a key come with the event (`may_tell`); where something random
-- or a digest of more than the entry has stands in it, that is free. Null where the entry lacks something. Not in SQL: inlined, all of it would be
-- made ready for each call, and only one line is needed.
create function says_its_key(p_key text[], e jsonb) returns boolean language plpgsql immutable as $$
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
$$;

-- As before, but that what an entry says is what its key says.
create or replace function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
$$;
