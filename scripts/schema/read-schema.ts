import { type Client } from 'pg';

/** One part of the dump: its title, and a query whose rows are statements in a stable order. */
interface Section {
  readonly title: string;
  readonly query: string;
  /** Statements of one line each stand close together. */
  readonly dense?: true;
}

const OURS = `n.nspname = 'public' and c.relname not like 'schema_migrations%'`;

const SECTIONS: readonly Section[] = [
  {
    title: 'Roles',
    query: `
      select format('create role %I with %s;%s', r.rolname,
        concat_ws(' ', case when r.rolcanlogin then 'login' else 'nologin' end, case when r.rolbypassrls then 'bypassrls' end,
          case when r.rolsuper then 'superuser' end, case when r.rolcreaterole then 'createrole' end),
        (select string_agg(format(E'\\nalter role %I set %s;', r.rolname, setting), '' order by setting) from unnest(r.rolconfig) setting)) as sql
      from pg_roles r where r.rolname like 'countersign\\_%' order by r.rolname`,
  },
  {
    title: 'Tables',
    query: `
      select format(E'create table %I (\\n%s\\n);%s%s', c.relname,
        (select string_agg(line, E',\\n' order by place, line collate "C") from (
          select a.attnum as place, format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attidentity <> '' then ' generated always as identity' when d.oid is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
            case when a.attnotnull then ' not null' else '' end) as line
          from pg_attribute a left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          union all
          select 10000, format('  constraint %I %s', k.conname, pg_get_constraintdef(k.oid)) from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n'
        ) lines),
        case when c.relrowsecurity then format(E'\\nalter table %I enable row level security;', c.relname) end,
        case when c.relforcerowsecurity then format(E'\\nalter table %I force row level security;', c.relname) end) as sql
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind = 'r' order by c.relname`,
  },
  {
    title: 'Views',
    query: `
      select format(E'create view %I with (%s) as\\n%s', c.relname, coalesce(array_to_string(c.reloptions, ', '), ''), pg_get_viewdef(c.oid, true)) as sql
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS} and c.relkind = 'v' order by c.relname`,
  },
  {
    title: 'Indexes that are not constraints',
    dense: true,
    query: `
      select pg_get_indexdef(i.indexrelid) || ';' as sql
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      where ${OURS} and not exists (select from pg_constraint k where k.conindid = i.indexrelid) order by pg_get_indexdef(i.indexrelid) collate "C"`,
  },
  {
    title: 'Row security',
    dense: true,
    query: `
      select format('create policy %I on %I for %s to %s%s%s;', p.policyname, p.tablename, lower(p.cmd), array_to_string(p.roles, ', '),
        ' using (' || p.qual || ')', ' with check (' || p.with_check || ')') as sql
      from pg_policies p where p.schemaname = 'public' order by p.tablename, p.policyname`,
  },
  {
    title: 'Triggers',
    dense: true,
    query: `
      select pg_get_triggerdef(t.oid, true) || ';' as sql
      from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
      where ${OURS} and not t.tgisinternal order by c.relname, t.tgname`,
  },
  {
    title: 'Functions, each with its owner',
    query: `
      select format(E'%s;\\nalter function %s owner to %I;', rtrim(pg_get_functiondef(p.oid), E'\\n'), p.oid::regprocedure, pg_get_userbyid(p.proowner)) as sql
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' order by p.oid::regprocedure::text collate "C"`,
  },
  {
    title: 'Who may do what',
    dense: true,
    query: `
      select format('grant %s on %s to %s;', string_agg(lower(g.privilege), ', ' order by g.privilege), g.object, g.grantee) as sql
      from (
        select a.privilege_type as privilege, format('%I', c.relname) as object, a.grantee
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
        where ${OURS} and c.relkind in ('r', 'v') and a.grantee <> c.relowner
        union all
        select format('%s (%s)', a.privilege_type, string_agg(quote_ident(t.attname), ', ' order by t.attname)), format('%I', c.relname), a.grantee
        from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a
        where ${OURS} group by a.privilege_type, c.relname, a.grantee
        union all
        select a.privilege_type, format('function %s', p.oid::regprocedure), a.grantee
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where n.nspname = 'public' and a.grantee <> p.proowner
        union all
        select a.privilege_type, 'schema public', a.grantee
        from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = 'public' and a.grantee <> n.nspowner
      ) raw, lateral (select raw.privilege, raw.object, case raw.grantee when 0 then 'public' else pg_get_userbyid(raw.grantee) end) as g (privilege, object, grantee)
      group by g.object, g.grantee order by g.object collate "C", g.grantee collate "C"`,
  },
  {
    title: 'Remarks',
    dense: true,
    query: `
      select format('comment on %s %s is %L;', replace(i.type, 'table column', 'column'), i.identity, d.description) as sql
      from pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
      where i.schema = 'public' and i.identity not like '%schema_migrations%' order by i.identity collate "C"`,
  },
];

/**
 * What a migrated database looks like, as statements in a stable order: for reviewing a migration by its effect, and for
 * seeing that the committed dump is true. For reading; to make a database, run the migrations.
 */
export async function readSchema(client: Client): Promise<string> {
  const parts = ['-- What the migrations add up to. Written by scripts/dump-schema.ts; for reading, not for running.'];
  for (const { title, query, dense } of SECTIONS) {
    const { rows } = await client.query<{ sql: string }>(query);
    parts.push(`-- ${title}`, rows.map(({ sql }) => sql).join(dense ? '\n' : '\n\n'));
  }
  return `${parts.join('\n\n')}\n`;
}
