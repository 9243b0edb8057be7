import { type ActionEnding, type ActionOutcome, type Reason } from './action';
import { type JsonObject } from './json';

const SENTENCES: Readonly<Record<Exclude<ActionEnding, 'executed'>, string>> = {
  denied: 'This was not done: the policy does not allow it.',
  rejected: 'This was not done: a person who may decide it said no.',
  expired: 'This was not done: nobody decided in time. Silence is not consent.',
  cancelled: 'This was not done: it was cancelled.',
  undone: 'This did not succeed, and everything that had been done for it was taken back.',
  undo_stuck:
    'This did not succeed, and a part of it could not be taken back. A person has been asked to mend it. Do not try again.',
};

/** Endings of access that an agent held itself: what these say is all that is known. */
const ACCESS: ReadonlySet<string> = new Set(['grant_lapsed', 'grant_unclaimed']);

/** The outcome as it is stored and told: one sentence that a model can repeat, then the reasons. */
export function outcomeOf(ending: ActionEnding, reasons: readonly Reason[], result: JsonObject): ActionOutcome {
  if (ending === 'executed') return { kind: 'executed', say: 'This was done.', result };
  const why = reasons.map((reason) => [reason.message, reason.remedy].filter(Boolean).join(' ')).join(' ');
  const about = ending !== 'undo_stuck' && reasons.some(({ code }) => ACCESS.has(code)) ? '' : SENTENCES[ending];
  return { kind: ending, say: [about, why].filter(Boolean).join(' '), reasons };
}
