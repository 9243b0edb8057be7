/**
 * Every activity and every transaction of gateway and worker, and in which story of `test/chaos/` a process is killed at its points. A new one
 * has its points from `weave.ts`; that it is also killed there is what this table is for, and `points.test.ts` misses whoever is not in it.
 *
 * Points of an activity: `before`, `before-return`. Of a transaction that writes: `before-commit`, `after-commit`. Of a call to the outside:
 * `after-external`. There are none
 * - before a call to the outside: nothing has happened since the last commit, or since `before`;
 * - before the commit of an append, nor round one statement by itself: statement and commit are one;
 * - in a transaction that wrote nothing: it ends as if it had never been;
 * - in the transactions at a target: those are the outside.
 *
 * `test/chaos/kill-points.test.ts` tells the stories, and `kill-points-lent.test.ts` that of access which is lent.
 */
export type Story =
  | 'paid'
  | 'countersigned'
  | 'changed'
  | 'undone'
  | 'lost'
  | 'away'
  | 'lent'
  | 'started late'
  | 'asked by an agent'
  | 'cancelled'
  | 'resolved'
  | 'offboarded';

/** Why nobody is killed there. */
export type Never = { readonly never: string };

/** Who left before, or is left to do, stands in Postgres: whoever comes next goes on. */
const LEFT: Never = {
  never:
    'test/spine/agent-states.test.ts kills between two agents of a person who left, test/db/departures.test.ts goes on after any of them',
};

export const ACTIVITIES: Readonly<Record<string, Story | Never>> = {
  decide: 'paid',
  performStep: 'paid',
  settle: 'paid',
  readVerdict: 'countersigned',
  undoStep: 'undone',
  reconcileStep: 'lost',
  askPerson: 'away',
  revokeGrants: 'away',
  openAccess: 'lent',
  readAccess: 'lent',
  mintAccess: 'lent',
  endAccess: 'lent',
  readLife: 'offboarded',
  settleInFlight: 'offboarded',
  cutOff: 'offboarded',
  endAgentAccess: 'offboarded',
  issueReceipt: 'offboarded',
  handOver: LEFT,
};

const READS: Never = { never: 'it only reads' };
const LOOKED_AGAIN: Never = {
  never:
    'whoever takes it after that looks anew, at targets and table alike; test/loops/reconcile-grants.test.ts dies there',
};
const TOLD: Never = {
  never: 'it waits for a channel, which the stories of payments have not got; test/loops/ repeats its rounds',
};
const ONE_ROW: Never = {
  never: 'one row, whose absence its caller repeats and whose presence it finds; tested where it is called',
};

export const TRANSACTIONS: Readonly<Record<string, Story | Never>> = {
  decide: 'paid',
  readDecided: 'countersigned',
  'decide.answer.append': 'paid',
  'preflight.begin': 'paid',
  recordEnd: 'paid',
  settle: 'paid',
  readVerdict: 'countersigned',
  'readVerdict.tellLedger.append': 'countersigned',
  reconsider: 'changed',
  'undoStep.begin': 'undone',
  askPerson: 'away',
  endGrant: 'lent',
  endAccess: 'lent',
  'mintAccess.begin': 'lent',
  'mintAccess.record': 'lent',
  readAccess: 'lent',
  readLife: { never: 'it writes for an agent alone that nobody let in within its time, and finds that written again' },
  settleInFlight: 'offboarded',
  cutOff: 'offboarded',
  'endAgentAccess.lookFor': 'offboarded',
  issueReceipt: 'offboarded',
  'handOver.handOverOne': LEFT,
  'handOver.reroute': LEFT,
  'handOver.finish': LEFT,
  'endAccess.load': READS,
  'reconcileStep.resolvedByPerson': READS,
  withdrawAnswered: {
    never: 'whoever comes next finds the row as settled, and the question as open, as they were found here',
  },
  revokeGrants: READS,

  drainOutbox: 'started late',
  'drainOutbox.writeDown': 'started late',
  'checkpoint.writeCheckpoint': 'paid',
  'recordNewKey.recordNewKeys': {
    never:
      'an entry has the key of its change, and is found where it was written; test/ledger/key-change.test.ts asks twice',
  },
  reapGrants: 'lent',
  'reapGrants.end': {
    never: 'one was written when the grant was taken, for later; test/loops/reap-grants.test.ts dies there',
  },
  reconcileGrants: LOOKED_AGAIN,
  'reconcileGrants.endAgain': LOOKED_AGAIN,
  'reconcileGrants.endNamed': READS,
  'reconcileGrants.tell': LOOKED_AGAIN,
  lookAtTargets: READS,
  'writeOwedEntries.writeOwed': {
    never: 'what is owed is written and struck off in one transaction; what failed is owed still',
  },
  'reviewAgents.reviewRound': {
    never:
      'a page is looked at in one transaction, and what was not is due still; test/db/agent-reviews.test.ts races rounds',
  },
  purge: { never: 'one statement that removes what nobody needs' },
  wakeForgotten: { never: 'it runs an hour after something was forgotten, and again' },
  tellPeople: TOLD,
  'tellPeople.tell': TOLD,
  'tellPeople.tellOrPutOff': TOLD,
  'whileHeld.hold': TOLD,
  tellOwners: TOLD,
  'tellOwners.tell': TOLD,
  'tellOwners.reach': READS,
  'surfaces.run': TOLD,
  'surfaces.list': READS,
  'surfaces.shown': TOLD,
  'mailLinks.add': TOLD,
  'mailLinks.withdraw': TOLD,

  takeAction: 'asked by an agent',
  startAction: 'asked by an agent',
  castBallot: 'asked by an agent',
  wakeNow: 'asked by an agent',
  askToCancel: 'cancelled',
  'adminResolveTask.handle': 'resolved',
  claimGrant: 'lent',
  completeGrant: 'lent',
  'castBallot.recordRefusal.append': { never: 'what is refused changes nothing' },
  'changePerson.change': ONE_ROW,
  'changePerson.change.append': ONE_ROW,
  redeemInitLink: ONE_ROW,
  serveBundle: ONE_ROW,
  takeReports: {
    never: 'a report is numbered, and taken once under its number; test/gateway/decisions.test.ts sends them twice',
  },
  askCode: ONE_ROW,
  voteByMail: ONE_ROW,
  offerLink: ONE_ROW,
  'offerLink.append': ONE_ROW,
  'linkPage.takeLink': ONE_ROW,
  'linkPage.accountOf': READS,
  'castFromSlack.findPressed': READS,
  'openedLink.openLink': READS,
  'checkRequest.checkPrincipal': READS,
  'adminCancelAction.find': READS,
  'adminGetAction.handle': READS,
  'adminGetReconciliation.handle': READS,
  'adminListActions.handle': READS,
  'adminListPeople.handle': READS,
  'adminListAgentVersions.handle': READS,
  'adminListAgents.handle': READS,
  'adminListProposals.handle': READS,
  'adminListReviews.handle': READS,
  'adminListStops.handle': READS,
  'adminStop.handle': READS,
  'changedAgent.agentNow': READS,
  'changedAgent.changed': {
    never:
      'one function of a guard, which refuses what was done already or finds it so; test/db/agents-lives.test.ts asks twice',
  },
  'agentCredentials.ask': {
    never:
      'one function of a guard: a secret, an assertion and a successor are each taken once; test/gateway/agent-credentials.test.ts asks twice',
  },
  'adminListTasks.handle': READS,
  'cancelAction.handle': READS,
  'claimGrant.sealedFor': READS,
  'getApproval.handle': READS,
  'listActions.handle': READS,
  'listApprovals.handle': READS,
};

/** Calls to the outside, after which only one of two worlds knows. */
export const EXTERNAL: Readonly<Record<string, Story | Never>> = {
  readFact: 'paid',
  execute: 'paid',
  status: 'paid',
  revoke: 'paid',
  undo: 'undone',
  issue: 'lent',
  wake: 'started late',
  submitAction: 'asked by an agent',
  show: TOLD,
};

/** Transactions that share a function, and so a name; all but one only read, or one alone is carried out. */
export const SHARED: readonly string[] = ['askCode', 'cancelAction.handle', 'takeReports', 'tellPeople.tell'];

/** Every point at which a story kills. */
export function pointsOf(story: Story): readonly string[] {
  const named = (table: Readonly<Record<string, Story | Never>>): readonly string[] =>
    Object.entries(table).flatMap(([name, told]) => (told === story ? [name] : []));
  return [
    ...named(ACTIVITIES).flatMap((name) => [`${name}:before`, `${name}:before-return`]),
    ...named(TRANSACTIONS).flatMap((name) =>
      name.endsWith('.append') ? [`${name}:after-commit`] : [`${name}:before-commit`, `${name}:after-commit`],
    ),
    ...named(EXTERNAL).map((name) => `${name}:after-external`),
  ];
}
