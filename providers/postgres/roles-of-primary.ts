import { Refused } from './refused';

/** A row of a question about roles; with none where there is no such role, so that the server says what it is all the same. */
interface Row {
  readonly role: string | null;
  readonly standby: boolean;
}

/**
 * The roles that a server said it has. A standby lags behind, for as long as it likes: that a role is not there yet is no proof that it is dead.
 *
 * @throws Refused where a standby was asked
 */
export function rolesOfPrimary<R extends Row>(rows: readonly R[]): (R & { readonly role: string })[] {
  if (rows[0]?.standby !== false) throw new Refused('target_read_only');
  return rows.filter((row): row is R & { readonly role: string } => row.role !== null);
}
