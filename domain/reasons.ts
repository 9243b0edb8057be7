import { type Failure } from './failure';

/** Why an action ended as it did, why it waits, or why a part of the system refuses to go on. Policies bring codes of their own beside these. */
export const REASONS = {
  policy_denied: {
    sentence: 'The policy does not allow this.',
    retryable: false,
    status: 403,
    operator: 'Read the findings of the decision; each denial names its remedy.',
  },
  rejected_by_person: {
    sentence: 'A person who may decide this said no.',
    retryable: false,
    status: 409,
    operator: 'Nothing. The vote and its reason are in the ledger.',
  },
  cancelled_on_request: {
    sentence: 'It was cancelled before anything happened.',
    retryable: false,
    status: 409,
    operator: 'Nothing.',
  },
  policy_outdated: {
    sentence: 'The process of the agent has not heard for too long which policy is in force.',
    retryable: true,
    status: 503,
    operator: 'Check that the agent reaches the gateway. Its process goes on by itself once it does.',
  },
  reports_unconfirmed: {
    sentence: 'Earlier decisions of this process are not recorded yet.',
    retryable: true,
    status: 503,
    operator:
      'Check that the agent reaches the gateway, and that it is active. Its process goes on once they are recorded.',
  },
  lane_without_approval: {
    sentence: 'This needs a person, and nobody can be asked from the process of the agent.',
    retryable: false,
    status: 403,
    operator: 'Give what needs a person an action type of another lane, for the agent to ask for with act.',
  },
  budget_exhausted: {
    sentence: 'It would exceed the spending limit of this window.',
    retryable: true,
    status: 409,
    operator: 'Wait for the next window or change data.budgets. Actions that are still running count as spent.',
  },
  budget_unknown: {
    sentence: 'No spending limit is set for this.',
    retryable: false,
    status: 409,
    operator: 'Add an entry for the action type, team and currency to data.budgets; without one nothing may be spent.',
  },
  approval_unsatisfiable: {
    sentence: 'Too few people could decide this without deciding on their own.',
    retryable: false,
    status: 409,
    operator: 'Add people to the groups of the chain: owners and requesters never count.',
  },
  approval_lapsed: {
    sentence: 'The approval was too old when the action was ready to run.',
    retryable: false,
    status: 409,
    operator: 'Ask again. If workers were down, find out why; otherwise lengthen validFor of the chain.',
  },
  fact_missing: {
    sentence: 'The system of record does not know something that this needs.',
    retryable: false,
    status: 409,
    operator: 'Look the subject up in the source that the action type names.',
  },
  fact_unanswered: {
    sentence: 'The system of record did not answer.',
    retryable: true,
    status: 503,
    operator: 'Check that the target is reachable from gateway and worker, and that it accepts our read tokens.',
  },
  votes_void: {
    sentence: 'A countersignature does not count any more.',
    retryable: false,
    status: 409,
    operator:
      'Somebody who approved has left, has lost the role or the group, or stands behind the agent by now. What has not begun asks again by itself; access that they would be handed is not, and the agent may ask anew.',
  },
  fence_moved: {
    sentence: 'Something was stopped and started again since this was decided.',
    retryable: false,
    status: 409,
    operator: 'Nothing. The action is decided anew by itself.',
  },
  agent_paused: {
    sentence: 'The agent is paused: what has not begun is held until somebody resumes it.',
    retryable: true,
    status: 409,
    operator: 'Resume the agent, or offboard it. What waits is looked at again from scratch; deadlines run on.',
  },
  agent_restricted: {
    sentence: 'The state of the agent does not allow this now.',
    retryable: false,
    status: 403,
    operator:
      'The agent may only read, or everything it does needs a countersignature (then data.agents.ask_always has to name a chain). Resume it when the cause is gone.',
  },
  scope_fenced: {
    sentence: 'Everything in this scope was stopped before this could begin.',
    retryable: false,
    status: 403,
    operator: 'Nothing, if it was meant. Lift the fence when the cause is gone; nothing resumes by itself.',
  },
  policy_changed: {
    sentence: 'The policy in force at execution asks for more than was given.',
    retryable: false,
    status: 409,
    operator: 'Nothing: what the old policy allowed, the new one judges again.',
  },
  envelope_changed: {
    sentence: 'What the approval rested on has changed since.',
    retryable: false,
    status: 409,
    operator: 'Compare the facts of both decisions; somebody changed the record between approval and execution.',
  },
  grant_unclaimed: {
    sentence: 'The access was never claimed, so nothing was done with it.',
    retryable: false,
    status: 409,
    operator: 'Nothing. The agent has to claim its access before its time is over, and before it reports what it did.',
  },
  grant_lapsed: {
    sentence: 'The access ended before the agent reported what it had done; whatever it did stands.',
    retryable: false,
    status: 409,
    operator:
      'Look at the target for what was done under the login of this grant, and find out why the agent did not report: it died, was stopped, or its grantTtl is too short.',
  },
  agent_failed: {
    sentence: 'The agent reported that it did not succeed.',
    retryable: false,
    status: 502,
    operator: 'Read what it reported in the story of the action. Its access was ended.',
  },
  effect_refused: {
    sentence: 'The target refused the step.',
    retryable: false,
    status: 502,
    operator: 'Look into the log of the target by idempotency key. What had been done before was undone.',
  },
  effect_mismatch: {
    sentence: 'What happened is not what was approved.',
    retryable: false,
    status: 502,
    operator:
      'Treat the target as faulty or hostile: compare its record with the action, and stop the action type meanwhile.',
  },
  undo_stuck: {
    sentence: 'A step could not be taken back; a person has to.',
    retryable: false,
    status: 502,
    operator: 'The action names the residue. Say `mended` first, look at the target, and mend what still stands there.',
  },
  ledger_unavailable: {
    sentence: 'The ledger cannot be written, so nothing may happen.',
    retryable: true,
    status: 503,
    operator: 'Bring the database back or free its disk. Revoking and stopping still work.',
  },
  ledger_forked: {
    sentence: 'The ledger contradicts a checkpoint that was signed before.',
    retryable: false,
    status: 500,
    operator:
      'Stop. Keep the database and the checkpoint file as they are: history was rewritten, or a backup restored.',
  },
  ledger_truncated: {
    sentence: 'The ledger is shorter than a checkpoint that was signed before.',
    retryable: false,
    status: 500,
    operator:
      'Stop. Keep the database and the checkpoint file as they are: entries were removed, or a backup restored.',
  },
  bundle_stale: {
    sentence: 'The policy bundle is older than one that was in force before.',
    retryable: false,
    status: 503,
    operator: 'Publish the wanted policy under a new version; an old file never comes back by itself.',
  },
  bundle_version_taken: {
    sentence: 'Another policy bundle of the same version is in force.',
    retryable: false,
    status: 503,
    operator:
      'Build the wanted one again under a higher version. Two builders who count for themselves will meet again.',
  },
} as const satisfies Readonly<Record<string, Failure>>;
