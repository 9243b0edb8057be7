import { type Decision } from './decision';
import { FAILURES } from './failures';

/** What would have to be different for a decision to become a yes, in words. */
export function whatWouldAllow({
  effect,
  findings,
  chains,
}: Pick<Decision, 'effect' | 'findings' | 'chains'>): string[] {
  if (effect === 'allow') return ['It is allowed as it is.'];
  if (effect === 'require_approval') return [`It is allowed once people have countersigned it: ${chains.join(', ')}.`];
  const denials = findings.filter((finding) => finding.effect === 'deny');
  if (denials.length === 0) return ['A rule of the organisation would have to allow it; none does.'];
  return denials.map(({ code, remedy }) => remedy ?? ownRemedy(code) ?? `The rule ${code} names no remedy.`);
}

/** Denials of ours are not a pack's: the catalogue of failures knows what helps. */
function ownRemedy(code: string): string | undefined {
  return Object.hasOwn(FAILURES, code) ? FAILURES[code as keyof typeof FAILURES].operator : undefined;
}
