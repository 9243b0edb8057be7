-- From an action to the lines of the log and the trace that it came with.
alter table actions add column request_id text check (request_id ~ '^[0-9a-f-]{32,36}$');
comment on column actions.request_id is 'Of the HTTP request that recorded it; where traces are kept, it is the id of the trace. Not part of any digest.';
