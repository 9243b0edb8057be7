import pc from 'picocolors';
import { type DecisionInFull } from '../db/list-decisions-in-full';
import { type Decision } from '../domain/decision';
import { visibleText } from '../domain/visible-text';
import { whatWouldAllow } from '../domain/what-would-allow';

/** A stored decision with what came of making it again; `again` is null where that could not be done. */
export interface Explained extends DecisionInFull {
  readonly again: Decision | null;
  readonly differences: readonly string[];
}

/** A decision with its reasons, and whether it stands up to being made again. */
export function showDecision(decision: Explained): string {
  const { round, stage, effect, findings, chains, bundleDigest, inputDigest, decidedAt, differences } = decision;
  return [
    `${pc.bold(effect)}: ${stage === 'initial' ? 'the decision' : stage}, round ${String(round)}, ${decidedAt.toISOString()}`,
    `  input   ${inputDigest}`,
    `  bundle  ${bundleDigest}`,
    ...(chains.length === 0 ? [] : [`  chains  ${chains.join(', ')}`]),
    ...findings.flatMap(({ effect: said, code, message, remedy, chain }) => [
      `  ${said.padEnd(8)}  ${visibleText(code)}${message === undefined ? '' : `: ${visibleText(message)}`}${chain === undefined ? '' : ` (${visibleText(chain)})`}`,
      ...(remedy === undefined ? [] : [`            remedy: ${visibleText(remedy)}`]),
    ]),
    '  What would make it allowed:',
    ...whatWouldAllow(decision).map((what) => `    ${visibleText(what)}`),
    differences.length === 0
      ? pc.green('  Made again from the stored input by the stored bundle: the same decision.')
      : pc.red('  Made again from the stored input by the stored bundle: NOT the same.'),
    ...differences.map((difference) => pc.red(`    ${visibleText(difference)}`)),
  ].join('\n');
}
