import { createCutOff } from './agents/cut-off';
import { createEndAgentAccess } from './agents/end-agent-access';
import { createIssueReceipt } from './agents/issue-receipt';
import { createReadLife } from './agents/read-life';
import { createSettleInFlight } from './agents/settle-in-flight';
import { createHandOver } from './departures/hand-over';
import { createAskPerson } from './ask-person';
import { createDecide } from './decide';
import { type DecidingDeps, type TouchingDeps } from './deps';
import { createEndAccess } from './end-access';
import { createMintAccess } from './mint-access';
import { createOpenAccess } from './open-access';
import { createPerformStep } from './perform-step';
import { createReadAccess } from './read-access';
import { createReadVerdict } from './read-verdict';
import { createReconcileStep } from './reconcile-step';
import { createRevokeGrants } from './revoke-grants';
import { createSettle } from './settle';
import { createUndoStep } from './undo-step';

/** Short, idempotent, without any credential: run inside the workflow's own task. */
export function createDecidingActivities(deps: DecidingDeps) {
  return {
    decide: createDecide(deps),
    readVerdict: createReadVerdict(deps),
    readAccess: createReadAccess(deps),
    askPerson: createAskPerson(deps),
    settle: createSettle(deps),
    readLife: createReadLife(deps),
    settleInFlight: createSettleInFlight(deps),
    cutOff: createCutOff(deps),
    issueReceipt: createIssueReceipt(deps),
    handOver: createHandOver(deps),
  };
}

/** Those that touch targets, on the queue `effects`. */
export function createEffectActivities(deps: TouchingDeps) {
  return {
    performStep: createPerformStep(deps),
    openAccess: createOpenAccess(deps),
    reconcileStep: createReconcileStep(deps),
    undoStep: createUndoStep(deps),
  };
}

/** Those that must run whatever else does, on the queue `control`. */
export function createControlActivities(deps: TouchingDeps) {
  return {
    revokeGrants: createRevokeGrants(deps),
    mintAccess: createMintAccess(deps),
    endAccess: createEndAccess(deps),
    endAgentAccess: createEndAgentAccess(deps),
  };
}

export type DecidingActivities = ReturnType<typeof createDecidingActivities>;
export type EffectActivities = ReturnType<typeof createEffectActivities>;
export type ControlActivities = ReturnType<typeof createControlActivities>;
