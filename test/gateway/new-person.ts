import { createHash } from 'node:crypto';
import { type Harness, secret } from './harness';

/** Makes people of a test's own, so that tests do not meet; each is logged in under their id. */
export function peopleOf(harness: () => Harness): (roles?: readonly string[]) => Promise<string> {
  let made = 0;
  return async (roles = []) => {
    const { superuser } = harness();
    made += 1;
    const id = `p${String(made)}`;
    await superuser.query(`insert into people (tenant, person, name, roles) values ('acme', $1, $1, $2)`, [id, roles]);
    await superuser.query(
      `insert into person_tokens (tenant, token_hash, person, expires_at) values ('acme', $1, $2, now() + interval '1 hour')`,
      [createHash('sha256').update(secret(id)).digest(), id],
    );
    return id;
  };
}
