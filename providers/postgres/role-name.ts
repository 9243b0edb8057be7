import { createHash } from 'node:crypto';

/**
 * The login role of a grant: 28 characters, far below the 63 that Postgres keeps of a name. It follows from the grant's id alone, so that whoever
 * knows only the table of grants can end a role that nobody confirmed.
 */
export function roleName(grantId: string): string {
  const digest = createHash('sha256').update(`countersign/grant-role/v1\0${grantId}`).digest('hex');
  return `jit_${digest.slice(0, 24)}`;
}
