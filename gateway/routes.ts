import { type Route } from './route';
import { adminAddPerson } from './routes/admin-add-person';
import { adminAnswerReview } from './routes/admin-answer-review';
import { adminCancelAction } from './routes/admin-cancel-action';
import { adminChangePerson } from './routes/admin-change-person';
import { adminConfirmAdmin } from './routes/admin-confirm-admin';
import { adminGetAction } from './routes/admin-get-action';
import { adminIssueLogin } from './routes/admin-issue-login';
import { adminListActions } from './routes/admin-list-actions';
import { adminListPeople } from './routes/admin-list-people';
import { adminListTasks } from './routes/admin-list-tasks';
import { adminResolveTask } from './routes/admin-resolve-task';
import { adminAddAgentVersion } from './routes/admin-add-agent-version';
import { adminDecideProposal } from './routes/admin-decide-proposal';
import { adminEnrolAgent } from './routes/admin-enrol-agent';
import { adminExceptFromOffboarding } from './routes/admin-except-from-offboarding';
import { adminGetDeparture } from './routes/admin-get-departure';
import { adminGetAgent } from './routes/admin-get-agent';
import { adminGetProposal } from './routes/admin-get-proposal';
import { adminGetReconciliation } from './routes/admin-get-reconciliation';
import { adminListAgentVersions } from './routes/admin-list-agent-versions';
import { adminListAgents } from './routes/admin-list-agents';
import { adminListProposals } from './routes/admin-list-proposals';
import { adminListReviews } from './routes/admin-list-reviews';
import { adminListStops } from './routes/admin-list-stops';
import { adminMoveAgent } from './routes/admin-move-agent';
import { adminProposeLift } from './routes/admin-propose-lift';
import { adminReconcileGrants } from './routes/admin-reconcile-grants';
import { adminRegisterAgent } from './routes/admin-register-agent';
import { adminRevokeAgentKeys } from './routes/admin-revoke-agent-keys';
import { adminRotateAgent } from './routes/admin-rotate-agent';
import { adminStop } from './routes/admin-stop';
import { cancelAction } from './routes/cancel-action';
import { claimGrant } from './routes/claim-grant';
import { completeGrant } from './routes/complete-grant';
import { enrolAgent } from './routes/enrol-agent';
import { getAction } from './routes/get-action';
import { getApproval } from './routes/get-approval';
import { getBundle } from './routes/get-bundle';
import { getCatalogue } from './routes/get-catalogue';
import { getJwks } from './routes/get-jwks';
import { getLivez } from './routes/get-livez';
import { getMe } from './routes/get-me';
import { getReadyz } from './routes/get-readyz';
import { listActions } from './routes/list-actions';
import { listApprovals } from './routes/list-approvals';
import { postAction } from './routes/post-action';
import { postDecisions } from './routes/post-decisions';
import { postInit } from './routes/post-init';
import { postToken } from './routes/post-token';
import { postVote } from './routes/post-vote';
import { previewAction } from './routes/preview-action';
import { rotateMyKey } from './routes/rotate-my-key';

export const ROUTES: readonly Route[] = [
  postAction,
  previewAction,
  listActions,
  getAction,
  cancelAction,
  claimGrant,
  completeGrant,
  getBundle,
  postDecisions,
  enrolAgent,
  postToken,
  rotateMyKey,
  listApprovals,
  getApproval,
  postVote,
  adminListActions,
  adminGetAction,
  adminCancelAction,
  adminListTasks,
  adminResolveTask,
  adminListPeople,
  adminAddPerson,
  adminChangePerson,
  adminGetDeparture,
  adminIssueLogin,
  adminConfirmAdmin,
  adminListAgents,
  adminRegisterAgent,
  adminGetAgent,
  adminMoveAgent,
  adminEnrolAgent,
  adminRotateAgent,
  adminRevokeAgentKeys,
  adminListAgentVersions,
  adminAddAgentVersion,
  adminExceptFromOffboarding,
  adminListReviews,
  adminAnswerReview,
  adminListProposals,
  adminGetProposal,
  adminDecideProposal,
  adminListStops,
  adminStop,
  adminProposeLift,
  adminReconcileGrants,
  adminGetReconciliation,
  postInit,
  getCatalogue,
  getMe,
  getJwks,
  getLivez,
  getReadyz,
];
