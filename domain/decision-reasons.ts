import { type Reason } from './action';
import { type Decision } from './decision';
import { failure } from './failures';

/** What a decision is told by: every finding that stands in the way. */
export function decisionReasons({ effect, findings }: Decision): readonly Reason[] {
  const reasons = findings
    .filter((finding) => finding.effect !== 'allow')
    .map(({ code, message, remedy }) => ({
      code,
      message: message ?? failure('policy_denied').sentence,
      ...(remedy !== undefined && { remedy }),
    }));
  if (effect === 'deny' && reasons.length === 0)
    return [{ code: 'policy_denied', message: failure('policy_denied').sentence }];
  return reasons;
}
