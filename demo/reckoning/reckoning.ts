import { type Handled } from '../handled';
import { type Lent } from '../story/access-lent';
import { type WitnessRecord } from '../services/witness-book';
import { type ShownCard } from '../doubles/slack/cards-of';
import { isAuthorised } from './authorisation';
import { invoiceDifferences } from './invoice-differences';
import { loginRoleOf } from './login-role';
import { type LedgerEvidence } from './read-ledger';
import { staleCards } from './stale-cards';
import { summarise } from './witness';

/** The line that `--json` prints. Every number is counted from what was seen; none is expected. */
export interface Tally {
  readonly submitted: number;
  readonly executed: number;
  readonly denied: number;
  readonly rejected: number;
  readonly expired: number;
  readonly undone: number;
  /** Executed, after nobody knew for a while whether it was: the target was asked by key. */
  readonly reconciled: number;
  /** Refused by the reader of invoices or at the door of the gateway: no action came to be. */
  readonly invalid: number;
  readonly witnessEffects: number;
  readonly duplicateEffects: number;
  readonly unauthorisedEffects: number;
  /** Credentials that were used at a target: tokens for one request, login roles for one call. */
  readonly granted: number;
  /** Of these, how many a target would still take. */
  readonly liveGrants: number;
  /** What the mail server took, and what stands in Slack's channel. */
  readonly mails: number;
  readonly cards: number;
  /** Cards that do not say how it ended. */
  readonly staleCards: number;
  readonly ledger: { readonly entries: number; readonly verified: boolean };
}

export interface Reckoning {
  readonly tally: Tally;
  /** What should be equal and is not, in words. Empty when all is well. */
  readonly differences: readonly string[];
}

export interface Evidence {
  readonly handled: readonly Handled[];
  readonly lent: Lent;
  readonly witness: readonly WitnessRecord[];
  readonly ledger: LedgerEvidence;
  /** Login roles that the database saw. */
  readonly rolesSeen: readonly string[];
  /** Tokens and login roles that a target would still accept. */
  readonly liveCredentials: readonly string[];
  /** What people were told, by those who told them. */
  readonly told: {
    readonly cards: readonly ShownCard[];
    readonly mails: number;
    /** What was wrong with mails that were refused for it. */
    readonly malformed: readonly string[];
  };
}

/** Holds what the agent was told, what the targets saw and what the ledger proves against each other. */
export function reckon({ handled, lent, witness, ledger, rolesSeen, liveCredentials, told }: Evidence): Reckoning {
  const seen = summarise(witness);
  const endings = new Map(
    ledger.entries
      .filter(({ event }) => event === 'action.settled')
      .map(({ entry }) => [String(entry['action']), String(entry['ending'])]),
  );
  const looked = endings.get(lent.actionId);
  endings.delete(lent.actionId); // no invoice
  const ended = (ending: string): number => [...endings.values()].filter((each) => each === ending).length;
  const ofEvent = (event: string): readonly Readonly<Record<string, unknown>>[] =>
    ledger.entries.filter((each) => each.event === event).map(({ entry }) => entry);
  const over = new Set(ofEvent('grant.ended').map(({ grant }) => String(grant)));
  const unended = ofEvent('effect.begun')
    .map(({ grant }) => String(grant))
    .filter((grant) => !over.has(grant));
  const reconciled = new Set(
    ofEvent('effect.done')
      .filter((entry) => entry['reconciled'] === true)
      .map(({ action }) => String(action))
      .filter((action) => endings.get(action) === 'executed'),
  );
  const unauthorised = seen.effects.filter((effect) => !isAuthorised(effect, ledger.entries));

  const tally: Tally = {
    submitted: handled.length,
    executed: ended('executed'),
    denied: ended('denied'),
    rejected: ended('rejected'),
    expired: ended('expired'),
    undone: ended('undone'),
    reconciled: reconciled.size,
    invalid: handled.filter(({ ending }) => ending === 'invalid').length,
    witnessEffects: seen.payments.length,
    duplicateEffects: seen.duplicates.length,
    unauthorisedEffects: unauthorised.length,
    granted: new Set([...rolesSeen, ...witness.flatMap(({ tokenId }) => tokenId ?? [])]).size,
    liveGrants: new Set([...unended, ...liveCredentials]).size,
    mails: told.mails,
    cards: told.cards.length,
    staleCards: staleCards(told.cards, ledger.entries).length,
    ledger: { entries: ledger.entries.length, verified: ledger.verified },
  };

  const differences = [
    ...tallyDifferences(tally),
    ...handled.flatMap((each) => {
      const { actionId = '' } = each;
      const known = { ending: endings.get(actionId), entries: ledger.entries, seen: seen.byAction.get(actionId) };
      return invoiceDifferences(each, known);
    }),
    ...lentDifferences(lent, looked, rolesSeen),
    ...strangers(rolesSeen, ofEvent('effect.begun')),
    ...told.malformed.map((wrong) => `a mail was sent with ${wrong}`),
    ...unasked(told.cards, ofEvent('action.decided')),
  ];
  const known = new Set(handled.map(({ actionId }) => actionId));
  for (const actionId of seen.byAction.keys())
    if (!known.has(actionId)) differences.push(`the targets acted for ${actionId}, which the agent never asked for`);
  for (const [actionId, ending] of endings)
    if (!known.has(actionId))
      differences.push(`the ledger ends ${actionId} as ${ending}, which the agent never asked for`);
  return { tally, differences };
}

function tallyDifferences(tally: Tally): string[] {
  const { submitted, executed, denied, rejected, expired, undone, invalid } = tally;
  const accounted = executed + denied + rejected + expired + undone + invalid;
  return [
    ...(accounted === submitted ? [] : [`${submitted} invoices were handed in, ${accounted} are accounted for`]),
    ...(tally.witnessEffects === executed
      ? []
      : [`the witness saw ${tally.witnessEffects} payments, the ledger proves ${executed}`]),
    ...(tally.duplicateEffects === 0 ? [] : [`${tally.duplicateEffects} effects happened twice`]),
    ...(tally.unauthorisedEffects === 0 ? [] : [`${tally.unauthorisedEffects} effects have no decision behind them`]),
    ...(tally.liveGrants === 0 ? [] : [`${tally.liveGrants} credentials are still alive`]),
    ...(tally.staleCards === 0 ? [] : [`${tally.staleCards} cards do not say how it ended`]),
    ...(tally.ledger.verified ? [] : ['the ledger does not verify']),
  ];
}

/** Login roles of which the ledger does not know for what they were made: a call, or the question what became of one. */
function strangers(rolesSeen: readonly string[], begun: readonly Readonly<Record<string, unknown>>[]): string[] {
  const known = new Set(
    begun.flatMap(({ grant }) => [String(grant), `${String(grant)}.status`]).map((grant) => loginRoleOf(grant)),
  );
  return rolesSeen
    .filter((role) => !known.has(role))
    .map((role) => `${role} was in the books, and nobody granted that`);
}

/** Cards of which the ledger does not know, and requests with two of them. One that was closed before its turn came has none. */
function unasked(cards: readonly ShownCard[], decided: readonly Readonly<Record<string, unknown>>[]): string[] {
  const asked = new Set(decided.map(({ request }) => request));
  const shown = new Set<string>();
  return cards
    .filter(({ request }) => !asked.has(request) || shown.size === shown.add(request).size)
    .map(({ request }) => `Slack shows a card for ${request} that nobody asked for`);
}

/** Access that was lent ends with its action, and nothing of it still works. */
function lentDifferences({ role, stillWorks }: Lent, ending: string | undefined, seen: readonly string[]): string[] {
  return [
    ...(ending === 'executed' ? [] : [`the ledger ends the look into the books as ${ending ?? 'nothing'}`]),
    ...(seen.includes(role) ? [] : ['the books never saw the login that was lent']),
    ...stillWorks.map((what) => `${what} still works, of the login that was given back`),
  ];
}
