import { type ApprovalRecord } from '../db/lock-approval';
import { momentsToRemind, verdictOf } from '../domain/verdict';
import { type ActionRef, type DecidingDeps } from './deps';
import { approvalClosed } from './entries';

/** Until when nothing needs doing, and on whom the action waits. */
export interface Waiting {
  readonly wakeInMs: number;
  /** Groups, for whoever may see that an action waits. */
  readonly waitingOn: readonly string[];
  /** Their members who may still vote, for those who see its payloads. */
  readonly people: readonly string[];
}

export type VerdictRead =
  { readonly kind: 'open'; readonly waiting: Waiting } | { readonly kind: Exclude<VerdictState, 'open'> };

/** The next moment at which an open request needs somebody: a reminder, an escalation, or its deadline. */
export function waitingOf(approval: ApprovalRecord, cancelRequested: boolean): Waiting {
  const { stages, votes, sinceOpenedMs, remainingMs } = approval;
  // What ended it was told before anybody listened: a worker died between asking and waiting. Nobody tells it again.
  if (stateOf(approval, cancelRequested) !== 'open') return { wakeInMs: 1, waitingOn: [], people: [] };
  const verdict = verdictOf(stages, votes, sinceOpenedMs);
  const next = momentsToRemind(stages).find((moment) => moment > sinceOpenedMs);
  const wakeInMs = Math.max(1, Math.min(remainingMs, next === undefined ? Infinity : next - sinceOpenedMs));
  return verdict.kind === 'open'
    ? { wakeInMs, waitingOn: verdict.groups, people: verdict.waitingOn }
    : { wakeInMs, waitingOn: [], people: [] };
}

/**
 * Folds the votes that count, and ends the request if they, a cancellation or the deadline do. Votes come first: each
 * was cast before the deadline, or it would not be there.
 */
export function createReadVerdict({ db, ledger }: DecidingDeps) {
  return async function readVerdict({ tenant, actionId }: ActionRef): Promise<VerdictRead> {
    const read = await db.withTenant(tenant, async (client) => {
      const [approval, action] = await Promise.all([
        db.lockApproval(client, tenant, actionId),
        db.loadAction(client, tenant, actionId),
        db.commitUnhurried(client), // what closes a request is told to the ledger next, which waits for the disk
      ]);
      if (action === undefined || approval === undefined) return undefined;
      const state = stateOf(approval, action.cancelRequested);
      const due = momentsToRemind(approval.stages).filter((moment) => moment <= approval.sinceOpenedMs).length;
      if (state === 'unanswerable') return { approval, state, due }; // whoever found it so has ended it
      if (state !== 'open') await db.closeApproval(client, tenant, approval.request, state);
      else
        await Promise.all([
          due > approval.reminders && db.countReminders(client, tenant, approval.request, due),
          db.markAction(client, tenant, actionId, 'waiting', waitingOf(approval, false).waitingOn),
        ]);
      return { approval, state, due };
    });
    // Nobody was ever asked: the workflow was started by hand. Silence is not consent.
    if (read === undefined) return { kind: 'expired' };
    await tellLedger(tenant, actionId, read);
    return read.state === 'open' ? { kind: 'open', waiting: waitingOf(read.approval, false) } : { kind: read.state };
  };

  async function tellLedger(
    tenant: string,
    actionId: string,
    read: { approval: ApprovalRecord; state: VerdictState; due: number },
  ): Promise<void> {
    const { request, digest, votes } = read.approval;
    const entry = { action: actionId, request, digest };
    const reminded = Array.from({ length: read.due }, (_, i) => ({
      key: `approval/${request}/reminded/${i + 1}`,
      event: 'approval.reminded',
      entry: { ...entry, reminder: i + 1 },
    }));
    const closed = approvalClosed(actionId, { request, digest, votes }, read.state);
    await ledger.append(tenant, read.state === 'open' ? reminded : [...reminded, closed]);
  }
}

type VerdictState = 'open' | 'approved' | 'rejected' | 'expired' | 'cancelled' | 'unanswerable';

function stateOf(approval: ApprovalRecord, cancelRequested: boolean): VerdictState {
  if (approval.state !== 'open') return approval.state === 'superseded' ? 'expired' : approval.state;
  if (cancelRequested) return 'cancelled';
  const verdict = verdictOf(approval.stages, approval.votes, approval.sinceOpenedMs);
  if (verdict.kind !== 'open') return verdict.kind;
  return approval.remainingMs <= 0 ? 'expired' : 'open';
}
