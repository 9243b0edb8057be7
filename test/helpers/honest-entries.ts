import { randomUUID } from 'node:crypto';
import { effectEnded, grantEnded, grantFoundAlive, taskOpened } from '../../activities/entries';
import { type LedgerEntry } from '../../db/ledger';
import { requestIdOf } from '../../db/open-approval';
import { taskIdOf, type Trouble } from '../../db/tasks';
import { digestOf } from '../../evidence/digest-of';
import { gapEntry, reportEntry } from '../../gateway/report-entries';
import { type ToldEntry } from './told-by-processes';

/** Entries as processes tell them of an action, and of what else they tell: one at least under each kind of key. */
export function honestEntries(action = `act-${randomUUID()}`): readonly LedgerEntry[] {
  return [...ofAction(action), ...ofPeople(action), ...ofTargets(action), ...OF_NO_ACTION];
}

/** The one among them that has this event, under such a key. @throws Error where there is none: whoever tells something new gives an example */
export function honestly({ key, event }: Omit<ToldEntry, 'teller'>, action?: string): LedgerEntry {
  const shape = new RegExp(`^${key.replaceAll(/(?<=\/)x(?=\/|$)/g, '[^/]+')}$`);
  const example = honestEntries(action).find((each) => each.event === event && shape.test(each.key));
  if (example === undefined) throw new Error(`no example of ${event} under ${key}`);
  return example;
}

function ofAction(action: string): readonly LedgerEntry[] {
  const entry = { action, digest: 'd' };
  const decided = { ...entry, round: 1, effect: 'require_approval', request: requestIdOf(action, 1) };
  return [
    { key: `action/${action}/requested`, event: 'action.requested', entry: { ...entry, agent: 'payer' } },
    {
      key: `action/${action}/cancel_requested`,
      event: 'action.cancel_requested',
      entry: { action, by: 'agent:payer' },
    },
    { key: `action/${action}/decided/1`, event: 'action.decided', entry: decided },
    { key: `action/${action}/decided/2`, event: 'action.decided', entry: { ...entry, round: 2, request: null } },
    { key: `action/${action}/reconsidered/1`, event: 'action.reconsidered', entry: { ...entry, round: 1, why: 'w' } },
    { key: `action/${action}/settled`, event: 'action.settled', entry: { ...entry, ending: 'executed', round: 2 } },
  ];
}

function ofPeople(action: string): readonly LedgerEntry[] {
  const request = requestIdOf(action, 1);
  const entry = { action, request, digest: 'd' };
  const refused = { channel: 'slack', request, choice: 'approve', code: 'not_entitled' };
  // Longer than a key may be, and with letters that JSON writes in more than one way.
  const surface = `email/${'b\u00f6b"'.repeat(40)}/asked`;
  const name = digestOf('surface', { surface }).slice(7, 39);
  return [
    { key: `approval/${request}/shown/1/${name}`, event: 'approval.shown', entry: { ...entry, surface, version: 1 } },
    { key: `approval/${request}/reminded/1`, event: 'approval.reminded', entry: { ...entry, reminder: 1 } },
    { key: `approval/${request}/closed`, event: 'approval.closed', entry: { ...entry, state: 'approved' } },
    { key: `approval/${request}/superseded`, event: 'approval.superseded', entry },
    {
      key: `vote-refused/${request}/bob/approve/not_entitled`,
      event: 'vote.refused',
      entry: { ...refused, action, person: 'bob' },
    },
    {
      key: `vote-refused/${request}/unlinked/0123456789abcdef/approve`,
      event: 'vote.refused',
      entry: { ...refused, person: null },
    },
  ];
}

function ofTargets(actionId: string): readonly LedgerEntry[] {
  const step = 'pay';
  const troubles: Trouble[] = [
    { actionId, step, kind: 'unknown_outcome', attempt: 1 },
    { actionId, step, kind: 'undo_stuck' },
    { actionId, step, kind: 'revocation_overdue', grantId: `${actionId}.pay.do.1` },
  ];
  const grant = `${actionId}.pay.do.1`;
  return [
    ...(['do', 'undo'] as const).flatMap((kind) =>
      (['done', 'failed', 'absent', 'unknown'] as const).map((state) =>
        effectEnded({ actionId, step, kind, attempt: 1, grantId: `${actionId}.pay.${kind}.1` }, { state }, false),
      ),
    ),
    ...troubles.map((trouble) => taskOpened(taskIdOf(trouble), trouble)),
    grantEnded(grant, 'revoked'),
    grantFoundAlive(grant),
    { key: `grant/${grant}/overdue`, event: 'grant.overdue', entry: { grant, action: actionId } },
  ];
}

const STREAM = { agent: 'payer', generation: 1, stream: randomUUID() };
const REPORT = {
  ...{ seq: 7, type: 'note', params: {}, at: '2026-01-01T00:00:00Z' },
  ...{ effect: 'allow' as const, bundle: 'b', inputDigest: 'i' },
};
const [FROM, TO] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

const OF_NO_ACTION: readonly LedgerEntry[] = [
  {
    key: 'people-refused/olaf/bob/grant_role/own_change',
    event: 'people.refused',
    entry: { actor: 'olaf', person: 'bob', change: 'grant_role', code: 'own_change' },
  },
  reportEntry(STREAM, { report: REPORT, digest: `sha256:${'c'.repeat(64)}`, verdict: 'confirmed', cause: null }),
  gapEntry(STREAM, { from: 3, to: 6 }),
  {
    key: 'reconciliation/rec-1/finished',
    event: 'reconciliation.finished',
    entry: { reconciliation: 'rec-1', digest: 'd', aliens: 0 },
  },
  {
    key: `checkpoint-key/${FROM.slice(7, 23)}/${TO.slice(7, 23)}`,
    event: 'checkpoint_key.replaced',
    entry: { from: FROM, to: TO, handover: null },
  },
];
