-- Row security makes Postgres plan a function anew whenever the same session calls it in another role's name than before. These three were called by
-- logins and by guards in turn, at every vote and at every beginning of an effect, and planning them took longer than all else that either does. Run in
-- the guard's name by whoever calls, each keeps its plan. It sees no more than its caller did: one tenant's rows.
alter function conflicted_people(text, text) security definer set search_path = pg_catalog, public, pg_temp;
alter function has_role(text, text, text, text) security definer set search_path = pg_catalog, public, pg_temp;
alter function stage_entitles(text, jsonb, timestamptz, text, timestamptz) security definer set search_path = pg_catalog, public, pg_temp;

grant create on schema public to countersign_guard;
alter function conflicted_people(text, text) owner to countersign_guard;
alter function has_role(text, text, text, text) owner to countersign_guard;
alter function stage_entitles(text, jsonb, timestamptz, text, timestamptz) owner to countersign_guard;
revoke create on schema public from countersign_guard;

revoke execute on function conflicted_people(text, text), has_role(text, text, text, text), stage_entitles(text, jsonb, timestamptz, text, timestamptz) from public;
grant execute on function conflicted_people(text, text), has_role(text, text, text, text), stage_entitles(text, jsonb, timestamptz, text, timestamptz)
  to countersign_owner, countersign_gateway, countersign_worker, countersign_loops, countersign_auditor;
