import { type ApprovalChain, type ApprovalStage } from '../../domain/documents';
import { type ChainSource } from './chain-shape';

/** A chain as the rest of Countersign sees it, every default written out. */
export function normaliseChain({ id, decideWithin, validFor, stages }: ChainSource): ApprovalChain {
  return { id, decideWithinMs: decideWithin, validForMs: validFor, stages: stages.map(normaliseStage) };
}

function normaliseStage({ from, need, remind, escalate, reason }: ChainSource['stages'][number]): ApprovalStage {
  return {
    ...{ from, need, reason },
    remindAfterMs: [...remind].sort((a, b) => a - b),
    ...(escalate === undefined ? {} : { escalate: { afterMs: escalate.after, to: escalate.to } }),
  };
}
