import { type WitnessRecord } from '../services/witness-book';
import { countersignaturesOn } from './countersignatures';
import { type LedgerEntry } from './ledger-entry';
import { loginRoleOf } from './login-role';

/**
 * Whether the ledger proves that an effect was allowed to happen: it was begun under this very credential and key, after a decision on the
 * same digest that allowed it, or after as many distinct people as had to had approved what was decided. The order is that of the ledger's
 * sequence numbers.
 */
export function isAuthorised(effect: WitnessRecord, ledger: readonly LedgerEntry[]): boolean {
  const begun = ledger.find(
    ({ event, entry }) =>
      event === 'effect.begun' &&
      entry['action'] === effect.actionId &&
      namesOf(String(entry['grant'])).includes(effect.tokenId ?? '') &&
      entry['idempotencyKey'] === effect.key,
  );
  if (begun === undefined) return false;
  const before = ledger.filter(({ seq }) => seq < begun.seq);
  const decided = before.find(
    ({ event, entry }) =>
      event === 'action.decided' &&
      entry['action'] === effect.actionId &&
      entry['round'] === begun.entry['round'] &&
      entry['digest'] === begun.entry['digest'],
  );
  if (decided?.entry['effect'] === 'allow') return true;
  return (
    decided?.entry['effect'] === 'require_approval' &&
    before.some((entry) => isApprovalOf(decided, entry)) &&
    countersignaturesOn(decided, before) !== undefined
  );
}

/** How targets know a grant: a service by the id of its token, a database by the login role. */
function namesOf(grant: string): readonly string[] {
  return [grant, loginRoleOf(grant)];
}

function isApprovalOf(decided: LedgerEntry, { event, entry }: LedgerEntry): boolean {
  return (
    event === 'approval.closed' &&
    entry['state'] === 'approved' &&
    entry['request'] === decided.entry['request'] &&
    entry['digest'] === decided.entry['digest']
  );
}
