import { type StoredAction } from '../db/find-action';
import { type StoredApproval } from '../db/find-approval';
import { type StoredVote } from '../db/list-votes';
import { type OpenStage } from '../domain/approval';
import { cardOf } from '../domain/card-of';
import { type ActionType, type Catalogue } from '../domain/documents';
import { ownMember } from '../domain/json';
import { silenceOf } from '../domain/notice';
import { type ActionDocument, actionDocument } from '../evidence/action-digest';
import { canonicalJson } from '../evidence/canonical-json';
import { cardDigest } from '../evidence/card-digest';

/**
 * What an approver is shown: the card first, then everything. `document` is what `digest` is the digest of, so that whoever votes can compute it
 * from what they read.
 */
export function approvalView(
  catalogue: Catalogue,
  tenant: string,
  action: StoredAction,
  approval: StoredApproval,
  votes: readonly StoredVote[],
): object {
  const { params } = action;
  const card = cardOf(catalogue, action, approval.facts, approval.factsBefore);
  return {
    id: approval.id,
    action: action.id,
    state: approval.state,
    digest: approval.digest,
    type: action.type,
    risk: action.risk,
    agent: action.agent,
    card,
    cardDigest: cardDigest(card, approval.salt),
    params,
    paramsText: canonicalJson(params),
    document: documentOf(catalogue, tenant, action, approval),
    claimed: { because: action.because, context: action.context, onBehalfOf: action.onBehalfOf },
    asked: (approval.findings ?? [])
      .filter(({ effect }) => effect === 'approval')
      .map(({ code, message, chain }) => ({ code, message: message ?? '', chain: chain ?? '' })),
    openedAt: approval.openedAt.toISOString(),
    deadline: approval.deadline.toISOString(),
    silence: silenceOf(approval.deadline.toISOString()),
    stages: approval.stages.map((stage, index) =>
      stageView(
        stage,
        votes.filter((vote) => vote.stage === index),
      ),
    ),
    excluded: approval.conflicted,
  };
}

function typeOf(
  catalogue: Catalogue,
  { type, typeVersion }: Pick<StoredAction, 'type' | 'typeVersion'>,
): ActionType | undefined {
  const actionType = ownMember(catalogue.actionTypes, type);
  return actionType?.version === typeVersion ? actionType : undefined;
}

/** Null where the catalogue has moved on, for then nobody can say which facts were bound. */
function documentOf(
  catalogue: Catalogue,
  tenant: string,
  action: StoredAction,
  approval: StoredApproval,
): ActionDocument | null {
  const actionType = typeOf(catalogue, action);
  if (actionType === undefined) return null;
  const { facts, salt, round } = approval;
  return actionDocument(actionType, { ...action, tenant, facts, salt, round });
}

function stageView(stage: OpenStage, votes: readonly StoredVote[]): object {
  return {
    need: stage.need,
    from: stage.from,
    eligible: stage.eligible,
    escalation:
      stage.escalation === undefined
        ? null
        : { afterMs: stage.escalation.afterMs, to: stage.escalation.to, eligible: stage.escalation.eligible },
    reason: stage.reason,
    votes: votes.map(({ person, choice, channel, castAt, counts }) => ({
      person,
      choice,
      channel,
      castAt: castAt.toISOString(),
      counts,
    })),
  };
}
