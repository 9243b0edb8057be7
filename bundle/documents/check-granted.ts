import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { type Targets } from './operations';

/**
 * Judges an action type of the lane `granted`, whose agent acts itself under a login of its own. Nobody but the target's profile says what it
 * does there: so nothing may be promised about it that would have to be counted, compared, asked about or taken back.
 */
export function checkGranted(file: string, source: ActionTypeSource, targets: Targets): Problem[] {
  if (source.lane !== 'granted') return [];
  const problems: Problem[] = [];
  const refuse = (path: string, message: string, remedy: string): void =>
    void problems.push({ file, path, message, remedy });
  if (source.effect !== 'read' && source.effect !== 'irreversible')
    refuse(
      '/effect',
      `is ${source.effect}, but what an agent does itself we cannot undo.`,
      'Write read, if the profile can only read, and else irreversible.',
    );
  if (source.budget !== undefined)
    refuse('/budget', 'would count what nobody sees.', 'Remove it, or use the lane brokered.');
  if (source.steps.length > 1)
    refuse('/steps', `are ${String(source.steps.length)}: a grant is access of one kind.`, 'Leave one.');
  for (const [index, step] of source.steps.entries()) {
    const path = `/steps/${String(index)}`;
    if (targets.get(step.target)?.source.provider === 'http')
      refuse(`${path}/target`, `"${step.target}" is a service: it has no logins to lend.`, 'Name a database.');
    for (const member of ['undo', 'status', 'verify'] as const)
      if (step[member] !== undefined)
        refuse(`${path}/${member}`, 'is nothing that we could do: the agent acts itself.', 'Remove it.');
  }
  return problems;
}
