import Table from 'cli-table3';
import { createColors, isColorSupported } from 'picocolors';
import { type Reckoning } from './reckoning';

/** Without lines between rows: it is read, not filled in. */
const PLAIN = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** What the witness saw, beside what the ledger proves: for people. */
export function reckoningTable({ tally, differences }: Reckoning, out: NodeJS.WriteStream): string {
  const { bold, green, red } = createColors(isColorSupported && out.isTTY);
  const none = (count: number): string => (count === 0 ? green('none') : red(String(count)));
  const { executed, denied, rejected, expired, undone, reconciled, witnessEffects, ledger } = tally;
  const equal = witnessEffects === executed ? green : red;
  const table = new Table({
    head: ['', bold('the targets saw'), bold('the ledger proves')],
    style: { head: [], border: [] },
    chars: PLAIN,
  });
  table.push(
    ['invoices paid', equal(String(witnessEffects)), equal(`${executed} executed`)],
    ['  of these, found out by asking', '', String(reconciled)],
    ['invoices not paid', '', `${denied} denied, ${rejected} rejected, ${expired} expired, ${undone} undone`],
    ['refused before they were actions', '', `no trace of ${tally.invalid}`],
    ['effects that happened twice', none(tally.duplicateEffects), ''],
    ['effects without a decision', none(tally.unauthorisedEffects), ''],
    ['credentials for one call each', String(tally.granted), ''],
    ['  of these, still alive', none(tally.liveGrants), ''],
    ['cards in Slack', String(tally.cards), ''],
    ['  of these, without the end', none(tally.staleCards), ''],
    ['mails', String(tally.mails), ''],
    [
      'the ledger itself',
      '',
      `${ledger.entries} entries, ${ledger.verified ? green('verified offline') : red('NOT verified')}`,
    ],
  );
  const verdict =
    differences.length === 0
      ? green(`All ${tally.submitted} invoices are accounted for: what happened is what was decided.`)
      : red(['Something does not agree:', ...differences.map((difference) => `  ${difference}`)].join('\n'));
  return `\n${table.toString()}\n\n${bold(verdict)}\n`;
}
