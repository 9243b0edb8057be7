/** Everything that a worker asks the database on behalf of one action, each in a transaction of one tenant. */
export { addSecurityEvents } from './add-security-events';
export { beginEffect, beginUndo } from './begin-effect';
export { commitUnhurried } from './commit-unhurried';
export { closeApproval, countReminders } from './close-approval';
export {
  agentsToHandOver,
  endUnanswerable,
  findOpenDeparture,
  finishDeparture,
  handOverAgent,
  requestsToReroute,
  rerouteApproval,
} from './departures';
export { approversIn } from './approvers-in';
export { findApproval } from './find-approval';
export { findDecision } from './find-decision';
export { findDenial } from './find-denial';
export { findLife, lapseOnboarding } from './find-life';
export { finishBudget } from './finish-budget';
export { holdBudget } from './hold-budget';
export { appendWithin } from './ledger';
export { loadEffects, lockEffects } from './load-effects';
export { isSuperseded } from './is-superseded';
export { liveGrants } from './live-grants';
export { loadLentGrant } from './load-lent-grant';
export { beginMint, recordMint } from './mint';
export { loadAction, lockAction } from './load-action';
export { lockApproval, lockRequest } from './lock-approval';
export {
  cancelForOffboarding,
  cutOffAgent,
  draftReceipt,
  finishOffboarding,
  leftOfAgent,
  liveGrantsOf,
  offboardChildren,
  recordVerified,
  reopenGrants,
  unverifiedGrantsOf,
} from './offboarding';
export { openApproval } from './open-approval';
export { openRound } from './open-round';
export { quarantineHolder } from './quarantine-holder';
export { recordDecision } from './record-decision';
export { recordEffect } from './record-effect';
export { recordRevocation } from './record-revocation';
export { markAction, settleAction } from './settle-action';
export { findTask, openTask, taskIdOf, withdrawTask } from './tasks';
