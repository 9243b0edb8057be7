/** Everything that a worker asks the database on behalf of one action, each in a transaction of one tenant. */
export { beginEffect, beginUndo } from './begin-effect';
export { closeApproval, countReminders } from './close-approval';
export { findDecision } from './find-decision';
export { findDenial } from './find-denial';
export { finishBudget } from './finish-budget';
export { holdBudget } from './hold-budget';
export { appendWithin } from './ledger';
export { loadEffects } from './load-effects';
export { liveGrants } from './live-grants';
export { loadAction, lockAction } from './load-action';
export { lockApproval } from './lock-approval';
export { openApproval } from './open-approval';
export { openRound } from './open-round';
export { recordDecision } from './record-decision';
export { recordEffect } from './record-effect';
export { recordRevocation } from './record-revocation';
export { markAction, settleAction } from './settle-action';
export { findTask, openTask, taskIdOf, withdrawTask } from './tasks';
