import { createHash } from 'node:crypto';

/** The login role that a database knows a grant by, worked out from docs/targets.md and not with the code that made it. */
export function loginRoleOf(grant: string): string {
  const digest = createHash('sha256').update(`countersign/grant-role/v1\0${grant}`).digest('hex');
  return `jit_${digest.slice(0, 24)}`;
}
