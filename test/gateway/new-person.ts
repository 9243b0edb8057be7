import { createHash } from 'node:crypto';
import { type Harness, type Reply, secret } from './harness';

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

export const REASON = { reason: 'a test' };

/** Changes people as an operator would. */
export function changesBy(harness: () => Harness): (as: string, person: string, what: object) => Promise<Reply> {
  return (as, person, what) =>
    harness().request('POST', `/v1/admin/people/${person}/changes`, { as, json: { ...REASON, ...what } });
}

/** `done`, or the code of the problem. */
export async function codeOf(reply: Promise<Reply>): Promise<string> {
  const { status, body } = await reply;
  return status === 200 ? 'done' : (body.code as string);
}
