-- The ledger: one RFC 6962 Merkle log per tenant. Rows are only ever added, and only by ledger_write(),
-- which all but the guards (0003) reach through ledger_append().
-- docs/ledger-format.md is the format's description for strangers.

create table ledger (
  tenant text not null check (tenant ~ '^[a-z0-9-]{1,63}$'),
  seq bigint not null check (seq >= 0),
  key text not null,
  leaf text not null, -- canonical JSON (RFC 8785); the hashed bytes, hence text and not jsonb
  leaf_hash bytea not null check (length(leaf_hash) = 32), -- SHA-256 (0x00 || leaf)
  body_commitment text, -- null: the entry never had a body
  at timestamptz not null,
  primary key (tenant, seq),
  unique (tenant, key)
);
comment on table ledger is
  'Append-only Merkle log. The columns besides leaf repeat what the leaf says, to be indexed; ledger verify compares them.';

create table ledger_bodies (
  tenant text not null,
  seq bigint not null,
  salt bytea not null check (length(salt) = 32),
  body text not null, -- canonical JSON, as committed to
  primary key (tenant, seq),
  foreign key (tenant, seq) references ledger (tenant, seq)
);
comment on table ledger_bodies is
  'Personal data beside the log. Deleting a row erases body and salt: the commitment then tells nothing, and proofs still hold.';

create table checkpoints (
  tenant text not null,
  size bigint not null check (size > 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  primary key (tenant, size)
);
comment on table checkpoints is
  'A convenience copy. The checkpoints that prove something are those exported outside this database.';

-- Canonical text ----------------------------------------------------------------------------------------------------

-- to_json() escapes as RFC 8785 section 3.2.2.2 asks: short forms for \b \t \n \f \r \" \\, \u00xx in lower case for
-- the other control characters, all else as it is.
create function canonical_text(p text) returns text
  language sql immutable strict parallel safe
  return to_json(p)::text;

-- RFC 8785 text of a flat object, for functions that record their own entries. Only what needs no number formatting and
-- no UTF-16 ordering is accepted: ASCII names; strings, integers within +-(2^53 - 1), booleans, nulls.
create function canonical_object(p jsonb) returns text
  language plpgsql immutable strict parallel safe
as $$
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
$$;

-- Appending ---------------------------------------------------------------------------------------------------------

-- Everything that ledger_write() refuses before it takes the lock.
create function ledger_check(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns void
  language plpgsql stable
as $$
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
$$;

-- Appends entries whose key the tenant's log does not hold yet, in the order given, and returns how many those were.
-- Repeating a call is harmless. Call it last in a transaction: it holds the tenant's lock until the commit.
-- Entries and bodies are taken as canonical JSON text and kept byte for byte. For the guards alone; others append.
create function ledger_write(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
  language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp
  -- Planning anew takes four times as long as everything else here; a plan from
  -- the log's first days must not be one that reads all of it.
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off
as $$
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
$$;

-- The same for whoever may append, but for entries that say what a guard saw: that somebody voted, that a fence moved, that an
-- effect may begin. As a key is taken by whoever comes first, a gateway that was taken over could write them in advance otherwise.
create function ledger_append(p_tenant text, p_keys text[], p_entries text[], p_bodies text[]) returns integer
  language plpgsql volatile security definer
  set search_path = pg_catalog, public, pg_temp
as $$
begin
  if exists (select from unnest(p_keys) k where k ~ '^(vote|fence)/|^effect/.*/begun$') then
    raise exception 'ledger_append: such an entry is written by its guard alone' using errcode = 'insufficient_privilege';
  end if;
  return ledger_write(p_tenant, p_keys, p_entries, p_bodies);
end
$$;

-- Nothing is changed or removed -------------------------------------------------------------------------------------

create function refuse_change() returns trigger
  language plpgsql
as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;

create trigger ledger_append_only before update or delete on ledger
  for each row execute function refuse_change();
create trigger ledger_no_truncate before truncate on ledger
  for each statement execute function refuse_change();
create trigger checkpoints_append_only before update or delete on checkpoints
  for each row execute function refuse_change();
create trigger checkpoints_no_truncate before truncate on checkpoints
  for each statement execute function refuse_change();
-- A body may be erased, never rewritten.
create trigger ledger_bodies_no_update before update on ledger_bodies
  for each row execute function refuse_change();
create trigger ledger_bodies_no_truncate before truncate on ledger_bodies
  for each statement execute function refuse_change();

-- Who may do what ---------------------------------------------------------------------------------------------------

alter table ledger enable row level security;
alter table ledger force row level security;
alter table ledger_bodies enable row level security;
alter table ledger_bodies force row level security;
alter table checkpoints enable row level security;
alter table checkpoints force row level security;

create policy tenant_rows on ledger for select using (tenant = current_setting('app.tenant', true));
create policy tenant_rows on ledger_bodies for select using (tenant = current_setting('app.tenant', true));
create policy tenant_rows on checkpoints for select using (tenant = current_setting('app.tenant', true));
-- ledger_write() compares the tenant itself, so that its own role sees the head of every log.
create policy ledger_writer_reads on ledger for select to countersign_ledger using (true);
create policy ledger_writer_adds on ledger for insert to countersign_ledger with check (true);
create policy ledger_writer_adds on ledger_bodies for insert to countersign_ledger with check (true);

revoke all on ledger, ledger_bodies, checkpoints from public;
grant select on ledger, ledger_bodies, checkpoints
  to countersign_gateway, countersign_worker, countersign_loops, countersign_auditor;
grant select, insert on ledger to countersign_ledger;
grant insert on ledger_bodies to countersign_ledger;
grant insert on checkpoints to countersign_loops;
grant delete on ledger_bodies to countersign_loops; -- erasure

grant execute on function canonical_text(text), canonical_object(jsonb) to public;
revoke all on function ledger_check(text, text[], text[], text[]) from public;
grant execute on function ledger_check(text, text[], text[], text[]) to countersign_ledger;
revoke all on function ledger_write(text, text[], text[], text[]) from public;
revoke all on function ledger_append(text, text[], text[], text[]) from public;
grant execute on function ledger_append(text, text[], text[], text[])
  to countersign_owner, countersign_gateway, countersign_worker, countersign_loops;

grant create on schema public to countersign_ledger;
alter function ledger_write(text, text[], text[], text[]) owner to countersign_ledger;
alter function ledger_append(text, text[], text[], text[]) owner to countersign_ledger;
revoke create on schema public from countersign_ledger;
