import { type ApprovalPart, type RoundPart } from '../evidence/story';
import { type Chapter, known, type Line, lines, list, type Moment, said } from './chapter';

/** One round: what policy said and, where it asked for people, what they said. */
export function roundChapters(
  { round, why, digest, decision, approval }: RoundPart,
  moment: Moment,
): readonly Chapter[] {
  const name = `Round ${String(round)}`;
  const policy = {
    title: `${name}: what policy said`,
    lines: lines(
      ['why', known(why)],
      ['digest', known(digest)],
      ...(decision === null
        ? ([['decision', 'none yet']] satisfies Line[])
        : ([
            ['decision', known(decision.effect)],
            ['rules', list(decision.codes)],
            ['chains', list(decision.chains)],
            ['bundle', known(decision.bundleDigest)],
            ['input', said(decision.inputDigest)],
            ['when', moment(decision.at)],
          ] satisfies Line[])),
    ),
  };
  return approval === null
    ? [policy]
    : [policy, { title: `${name}: what people said`, lines: approvalLines(approval, moment) }];
}

function approvalLines(approval: ApprovalPart, moment: Moment): readonly Line[] {
  const { request, openedAt, deadline, card, stages, excluded, remindedAt, rerouted, shown, votes, refused, closed } =
    approval;
  return [
    ['request', `${request}, opened ${moment(openedAt)}, to be decided by ${known(deadline)}`],
    ...stages.map(({ need, people, from, eligible, escalated }, index): Line => [
      `stage ${String(index + 1)}`,
      `${String(need)} of ${String(people)} people: ${said(eligible, list)}; from ${said(from, list)}` +
        (escalated.kind === 'said' && escalated.value.length > 0 ? `; later also ${list(escalated.value)}` : ''),
    ]),
    ['excluded', said(excluded, list)],
    ['card shown', known(card)],
    ...remindedAt.map((at): Line => ['reminded', moment(at)]),
    ...rerouted.map(({ at, person }): Line => ['left to others', `${moment(at)}: ${person} left`]),
    ...shown.map(({ at, surface, digest }): Line => ['shown', `${surface}, ${moment(at)}, as ${known(digest)}`]),
    ...votes.map(({ at, person, choice, channel, stage, onThisDigest, reason }): Line => [
      choice,
      `${person}, in stage ${stage === null ? 'unknown' : String(stage + 1)}, by ${known(channel)}, ${moment(at)}, on ${onThisDigest ? 'this digest' : 'ANOTHER digest'}; reason: ${said(reason)}`,
    ]),
    ...refused.map(({ at, person, choice, code, channel }): Line => [
      'refused',
      `${choice} of ${person} by ${known(channel)}, ${moment(at)}: ${code}`,
    ]),
    ['ended', closed === null ? 'not' : `${closed.state}, ${moment(closed.at)}`],
  ];
}
