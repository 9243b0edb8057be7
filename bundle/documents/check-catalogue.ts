import { type JsonObject } from '../../domain/json';
import { type Problem } from '../problem';
import { checkActionType } from './check-action-type';
import { checkAskAlways } from './check-ask-always';
import { checkBudgets } from './check-budgets';
import { checkCooperative } from './check-cooperative';
import { checkChain } from './check-chain';
import { checkFacts } from './check-facts';
import { checkGranted } from './check-granted';
import { checkParams } from './check-params';
import { checkReviewPeriods } from './check-review-periods';
import { checkSteps } from './check-steps';
import { checkTarget } from './check-target';
import { type Sources } from './sources';

/**
 * Judges the documents against each other.
 *
 * @param incomplete whether some documents could not be read: then a missing target is no news.
 */
export function checkCatalogue(
  { actionTypes, targets, chains }: Sources,
  data: JsonObject,
  incomplete: boolean,
): Problem[] {
  const problems: Problem[] = [];
  for (const { file, source } of targets.values()) problems.push(...checkTarget(file, source));
  for (const { file, source } of chains.values()) problems.push(...checkChain(file, source));
  const people = [...chains.values()].flatMap(({ source }) => source.stages).reduce((sum, { need }) => sum + need, 0);
  for (const { file, source } of actionTypes.values()) {
    problems.push(
      ...checkActionType(file, source),
      ...checkCooperative(file, source, data),
      ...checkParams(file, source.params),
      ...checkFacts(file, source, targets, incomplete),
      ...checkSteps(file, source, targets, incomplete),
      ...checkGranted(file, source, targets),
    );
    if (source.effect === 'irreversible' && people < 2 && !incomplete) {
      problems.push({
        file,
        path: '/effect',
        message: 'is irreversible and needs two approvers, but all chains together ask for fewer.',
        remedy: 'Write an ApprovalChain that needs two people, and let a rule demand it.',
      });
    }
  }
  problems.push(
    ...checkBudgets(data, actionTypes, incomplete),
    ...checkAskAlways(data, chains, incomplete),
    ...checkReviewPeriods(data),
  );
  return problems;
}
