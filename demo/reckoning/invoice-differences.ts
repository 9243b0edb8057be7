import { type Handled } from '../handled';
import { countersignaturesOn } from './countersignatures';
import { type LedgerEntry } from './ledger-entry';
import { type Witnessed } from './witness';

/** What agent, ledger and witness say about one invoice, where they do not say the same. */
export function invoiceDifferences(
  handled: Handled,
  {
    ending,
    entries,
    seen,
  }: { ending: string | undefined; entries: readonly LedgerEntry[]; seen: Witnessed | undefined },
): readonly string[] {
  const { file, expected, actionId, approvers } = handled;
  const differences =
    handled.ending === expected ? [] : [`${file} ended as ${handled.ending}, the story needs ${expected}`];
  if (actionId === undefined) return differences;
  if (ending !== handled.ending)
    differences.push(`${file}: the agent was told ${handled.ending}, the ledger says ${ending ?? 'nothing'}`);
  const signed = approversOf(actionId, entries);
  if (approvers !== undefined && signed.join() !== approvers.join())
    differences.push(
      `${file}: ${approvers.join(' and ')} countersigned, the ledger proves ${signed.join(' and ') || 'nobody'}`,
    );
  return [...differences, ...targetDifferences(handled, seen)];
}

/** Who countersigned the last round of an action, all that had to. */
function approversOf(actionId: string, entries: readonly LedgerEntry[]): readonly string[] {
  const decided = entries
    .filter(({ event, entry }) => event === 'action.decided' && entry['action'] === actionId)
    .at(-1);
  return (decided && countersignaturesOn(decided, entries)) ?? [];
}

/** What was executed stands once at every target that it names; what was not stands nowhere. */
function targetDifferences({ file, ending, params }: Handled, seen: Witnessed | undefined): readonly string[] {
  const owed = ending === 'executed' ? 1 : 0;
  const postings = params?.account === undefined ? 0 : owed;
  const currency = params?.currency ?? '';
  const due = owed * (params?.amountMinor ?? 0);
  const posted = postings * due;
  const differences: readonly [number, number, (seen: number, right: number) => string][] = [
    [seen?.payments ?? 0, owed, (a, b) => `${a} payments where ${b} is right`],
    [seen?.standingBookings ?? 0, owed, (a, b) => `${a} bookings stand where ${b} is right`],
    [seen?.standingPostings ?? 0, postings, (a, b) => `${a} postings stand where ${b} is right`],
    [seen?.posted[currency] ?? 0, posted, (a, b) => `${a} ${currency} stand posted, ${b} should`],
    [seen?.net[currency] ?? 0, due, (a, b) => `${a} ${currency} left the house, ${b} should have`],
  ];
  return differences.filter(([is, right]) => is !== right).map(([is, right, say]) => `${file}: ${say(is, right)}`);
}
