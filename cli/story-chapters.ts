import { canonicalJson } from '../evidence/canonical-json';
import { type AskedPart, type Story } from '../evidence/story';
import { type Chapter, known, type Line, lines, list, type Moment, plain, said } from './chapter';
import { credentialLine, effectChapter, taskChapter } from './effect-chapters';
import { lasting } from './lasting';
import { roundChapters } from './round-chapters';

/** The story in the order in which it is asked for: who, what, why, by whose leave, what was done, what proves it. */
export function storyChapters(story: Story): readonly Chapter[] {
  const start = story.asked?.at ?? story.timeline[0]?.at;
  const moment: Moment = (at) => {
    if (at === null) return 'at an unknown time';
    return start === undefined || at === start
      ? at
      : `${at}, ${lasting(Date.parse(at) - Date.parse(start))} after the request`;
  };
  return [
    { title: 'How it ended', lines: outcomeLines(story, moment) },
    ...(story.asked === null ? [] : askedChapters(story.asked, moment)),
    ...story.rounds.flatMap((round) => roundChapters(round, moment)),
    ...(story.cancellation === null
      ? []
      : [
          {
            title: 'It was asked to end',
            lines: lines(
              ['by', known(story.cancellation.by)],
              ['when', moment(story.cancellation.at)],
              ['why', said(story.cancellation.reason)],
            ),
          },
        ]),
    ...story.effects.map((effect) => effectChapter(effect, moment)),
    ...section(
      'Credentials',
      story.credentials.map((credential) => credentialLine(credential, moment)),
    ),
    ...story.tasks.map((task) => taskChapter(task, moment)),
    proofChapter(story),
    {
      title: 'Every entry, in the order of the ledger',
      lines: story.timeline.map(({ seq, at, event, covered }): Line => [
        `entry ${String(seq)}`,
        `${event}, ${moment(at)}${covered ? '' : ' (not covered by a checkpoint)'}`,
      ]),
    },
    ...section(
      'What the ledger does not say',
      story.unknown.map((what): Line => ['unknown', what]),
    ),
  ];
}

function outcomeLines({ outcome, rounds }: Story, moment: Moment): readonly Line[] {
  if (outcome === null) {
    const open = rounds.at(-1)?.approval;
    return [
      ['outcome', open != null && open.closed === null ? `not yet: it waits for people (${open.request})` : 'not yet'],
    ];
  }
  return lines(['outcome', outcome.ending], ['when', moment(outcome.at)], ['reasons', list(outcome.codes)]);
}

function askedChapters(asked: AskedPart, moment: Moment): readonly Chapter[] {
  const { context } = asked;
  const given = context.kind === 'said' ? Object.entries(context.value) : [];
  return [
    {
      title: 'Who asked',
      lines: lines(
        ['agent', `${asked.agent}, generation ${known(asked.generation)}, version ${known(asked.agentVersion)}`],
        ['owner', known(asked.owner)],
        ['team', known(asked.team)],
        ['environment', known(asked.environment)],
        ...(asked.onBehalfOf === null ? [] : [['on behalf of', asked.onBehalfOf] as const]),
        ['when', moment(asked.at)],
      ),
    },
    {
      title: 'What for',
      lines: lines(
        ['type', `${asked.type}, version ${known(asked.typeVersion)}`],
        ['risk', known(asked.risk)],
        ['lane', known(asked.lane)],
        ['digest', known(asked.digest)],
      ),
    },
    {
      title: 'Why, in the agent’s own words, checked by nobody',
      lines: [
        ['because', said(asked.because)],
        ...(given.length === 0 ? ([['context', said(context, canonicalJson)]] satisfies Line[]) : []),
        ...given.map(([name, value]): Line => [name, plain(value)]),
      ],
    },
  ];
}

function proofChapter({ proof, timeline, tenant, action }: Story): Chapter {
  const covered = timeline.filter((each) => each.covered).length;
  return {
    title: 'What proves it',
    lines: [
      ['action', action],
      ['ledger', `of ${tenant}: ${proof.verified ? 'verified' : 'FAILED VERIFICATION'}`],
      [
        'covered',
        `${String(covered)} of ${String(timeline.length)} entries, by a signed checkpoint over ${String(proof.coveredTo)}`,
      ],
      ...proof.findings.map((finding): Line => ['finding', finding]),
    ],
  };
}

function section(title: string, content: readonly Line[]): readonly Chapter[] {
  return content.length === 0 ? [] : [{ title, lines: content }];
}
