import { type Pool } from 'pg';
import { LOGIN_ROLES, type LoginRole, roleName } from '../../db/create-roles';
import { loginFaults } from '../../db/login-faults';
import { createPool } from '../../db/pool';
import { type LoginCondition, readRole } from '../../db/read-role';
import { type Check, type Finding, off, ok, problem } from './finding';
import { type Places } from './places';

/** Grants «with inherit, set», which `createRoles` writes, came with it. */
const OLDEST_VERSION = 160_000;
/** Tokens for targets live for seconds: with a clock that is further off, some would be over before they are used. */
const MAX_SKEW_MS = 1_000;

const REACH =
  'See that the server runs and can be reached from here, and that the password is the one that countersign database roles has set.';
const REPAIR = 'As superuser: countersign database roles; then, as the owner: countersign database migrate.';

/** One connection for a look, closed behind it. */
export async function withDatabase<T>(url: string, look: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, () => undefined); // it is used at once and never idle
  try {
    return await look(pool);
  } finally {
    // Not waited for: a server that does not answer does not say goodbye either.
    void pool.end();
  }
}

/** Each role that a URL is known of: that it can log in, is itself, and may do its own work and no other's. */
export function databaseChecks({ database }: Places): Check[] {
  const known = LOGIN_ROLES.flatMap((role) => {
    const url = database[role];
    return url === undefined ? [] : [{ role, url }];
  });
  if (known.length === 0) return [{ name: 'database', remedy: REACH, look: () => [off('no URL of a role is set')] }];
  return known.map(({ role, url }) => ({
    name: `database, as ${role}`,
    remedy: REACH,
    look: () => withDatabase(url, (pool) => lookAt(pool, role)),
  }));
}

async function lookAt(pool: Pool, role: LoginRole): Promise<readonly Finding[]> {
  await pool.query('select'); // so that connecting is no part of the time between the clocks
  const before = Date.now();
  const login = await readRole(pool);
  const after = Date.now();
  return [...rightsOf(login, role), ...versionOf(login), ...clockOf(login, before, after)];
}

function rightsOf(login: LoginCondition, role: LoginRole): readonly Finding[] {
  const faults = loginFaults(login, role);
  if (faults.length > 0) return [problem(`the login ${faults.join(', ')}`, REPAIR)];
  return [ok(`logs in as ${roleName(role)}, with its own rights`)];
}

function versionOf({ serverVersion }: LoginCondition): readonly Finding[] {
  const version = `Postgres ${String(Math.floor(serverVersion / 10_000))}.${String(serverVersion % 10_000)}`;
  return serverVersion >= OLDEST_VERSION ? [] : [problem(`is ${version}`, 'Upgrade the server to 16 or later.')];
}

/** The database read its clock between the two readings of ours. */
function clockOf({ nowMs }: LoginCondition, before: number, after: number): readonly Finding[] {
  const skewMs = Math.max(before - nowMs, nowMs - after, 0);
  if (skewMs <= MAX_SKEW_MS) return [];
  return [
    problem(
      `the clocks of the server and of this machine are ${String(Math.round(skewMs / 1_000))} s apart`,
      'Let both follow a time server.',
    ),
  ];
}
