import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Roles that log in. Each process has its own, with the least it needs (docs/keys.md). */
export const LOGIN_ROLES = ['owner', 'gateway', 'worker', 'loops', 'auditor'] as const;
export type LoginRole = (typeof LOGIN_ROLES)[number];
export type RolePasswords = Readonly<Record<LoginRole, string>>;

/** Roles that nobody logs in as: each owns the functions that alone may write a guarded table. */
const FUNCTION_ROLES = ['ledger', 'guard', 'identity'] as const;

const ATTRIBUTES: Readonly<Record<string, string>> = {
  owner: 'login',
  gateway: 'login',
  worker: 'login',
  loops: 'login bypassrls', // the outbox and the reaper serve every tenant
  auditor: 'login bypassrls', // reads every tenant, writes nothing
  ledger: 'nologin',
  guard: 'nologin',
  identity: 'nologin bypassrls', // must find the tenant of a key before a tenant is known
};

// A frozen process must not hold the gates shut for longer than this: a kill waits behind it.
const IDLE_IN_TRANSACTION_MS = 1_000;
// Locks of ours are held for milliseconds. Longer, and somebody works on the tables by hand: whoever waits is told, and tries again.
const LOCK_MS = 5_000;
// No statement of ours takes a second; ten mean that something is wrong.
const STATEMENT_MS = 10_000;
const TIME_OUTS = {
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  lock_timeout: LOCK_MS,
  statement_timeout: STATEMENT_MS,
};

export function roleName(role: string): string {
  return `countersign_${role}`;
}

/**
 * Makes the database of `superuserUrl` ready for `migrate`: the roles (cluster-wide, with their passwords set anew), the
 * owner, and who may connect. Safe to repeat, and to run for another database of the same cluster.
 */
export async function createRoles(superuserUrl: string, passwords: RolePasswords): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7003)'); // two stacks on one cluster may start at once
    for (const role of [...LOGIN_ROLES, ...FUNCTION_ROLES]) {
      const name = escapeIdentifier(roleName(role));
      const exists = await client.query('select from pg_roles where rolname = $1', [roleName(role)]);
      const attributes = ATTRIBUTES[role] ?? 'nologin';
      const password = role in passwords ? ` password ${escapeLiteral(passwords[role as LoginRole])}` : '';
      await client.query(`${exists.rowCount === 0 ? 'create' : 'alter'} role ${name} with ${attributes}${password}`);
    }
    for (const role of FUNCTION_ROLES)
      await client.query(`grant ${roleName(role)} to countersign_owner with inherit true, set true`);
    for (const role of ['gateway', 'worker', 'loops'] as const) {
      for (const [setting, ms] of Object.entries(TIME_OUTS))
        await client.query(`alter role ${roleName(role)} set ${setting} = ${String(ms)}`);
    }
    await client.query('alter role countersign_auditor set default_transaction_read_only = on');
    await ownDatabase(client);
  } finally {
    await client.end();
  }
}

// A gate is an advisory lock, and whoever may only read could shut one for ever. Those who pass gates hold them as long as a transaction, and no session.
const GATES = `
  do $$
  declare f record;
  begin
    for f in select oid::regprocedure as name, proname ~ 'xact' as brief from pg_proc where pronamespace = 'pg_catalog'::regnamespace and proname ~ '^pg_(try_)?advisory_'
    loop
      execute format('revoke execute on function %s from public', f.name);
      execute format('grant execute on function %s to countersign_owner', f.name);
      if f.brief then
        execute format('grant execute on function %s to ${['gateway', 'worker', 'loops', ...FUNCTION_ROLES].map(roleName).join(', ')}', f.name);
      end if;
    end loop;
  end $$`;

async function ownDatabase(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  const database = escapeIdentifier(rows[0]?.name ?? '');
  await client.query(`alter database ${database} owner to countersign_owner`);
  await client.query(`alter schema public owner to countersign_owner`);
  await client.query(`revoke all on database ${database} from public`);
  await client.query(`grant connect on database ${database} to ${LOGIN_ROLES.map(roleName).join(', ')}`);
  await client.query(GATES);
}
