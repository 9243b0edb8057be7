import { randomUUID } from 'node:crypto';
import { type LedgerEntry } from '../db/ledger';
import { type ApprovalRecord, type LockedRequest } from '../db/lock-approval';
import { type Trouble } from '../db/tasks';
import { type Ending } from './results';

/** Ledger entries that more than one activity may write; one for each thing, whoever comes first. */

/** How an attempt at a step, or at taking it back, ended. */
export function effectEnded(
  { actionId, step, kind, attempt, grantId }: EndedAttempt,
  { state, code }: Ending,
  reconciled: boolean,
): LedgerEntry {
  return {
    key: `effect/${actionId}/${step}/${kind}/${String(attempt)}/${state}`,
    event: `effect.${state}`,
    entry: { action: actionId, step, kind, attempt, grant: grantId, code: code ?? null, reconciled },
  };
}

interface EndedAttempt {
  readonly actionId: string;
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly attempt: number;
  readonly grantId: string;
}

export function grantEnded(grantId: string, endedBy: 'revoked' | 'expired'): LedgerEntry {
  return { key: `grant/${grantId}/ended`, event: 'grant.ended', entry: { grant: grantId, endedBy } };
}

/** Thought dead, and still there: each time that it happens. */
export function grantFoundAlive(grant: string): LedgerEntry {
  return { key: `grant/${grant}/found_alive/${randomUUID()}`, event: 'grant.found_alive', entry: { grant } };
}

export function taskOpened(task: string, { actionId, step, kind }: Omit<Trouble, 'attempt' | 'grantId'>): LedgerEntry {
  return { key: `task/${task}/opened`, event: 'task.opened', entry: { action: actionId, step, task, kind } };
}

/** How a request ended, with those whose approval counted. */
export function approvalClosed(
  action: string,
  { request, digest, votes }: Pick<ApprovalRecord, 'request' | 'digest' | 'votes'>,
  state: string,
): LedgerEntry {
  const approvedBy = votes.filter(({ choice }) => choice === 'approve').map(({ person }) => person);
  return {
    key: `approval/${request}/closed`,
    event: 'approval.closed',
    entry: { action, request, digest, state, approvedBy },
  };
}

/** Votes on this request decide nothing any more: the action was decided anew, or has ended. */
export function approvalSuperseded(action: string, { request, digest }: LockedRequest): LedgerEntry {
  return { key: `approval/${request}/superseded`, event: 'approval.superseded', entry: { action, request, digest } };
}
