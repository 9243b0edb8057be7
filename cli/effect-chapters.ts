import { type CredentialPart, type EffectPart, type TaskPart } from '../evidence/story';
import { type Chapter, known, type Line, lines, type Moment, said } from './chapter';

const STATES: Readonly<Record<string, string>> = {
  done: 'it was done',
  failed: 'it failed',
  absent: 'it did not happen',
  unknown: 'no answer told whether it happened',
};

/** What was begun at a target, and what became of it. */
export function effectChapter(effect: EffectPart, moment: Moment): Chapter {
  const { step, kind, attempt, target, grant, idempotencyKey, digest, begunAt, learned } = effect;
  return {
    title: `Effect: ${kind} ${step}, attempt ${String(attempt)}`,
    lines: [
      ['target', known(target)],
      ['credential', known(grant)],
      ['key', known(idempotencyKey)],
      ['digest', known(digest)],
      ['begun', `${moment(begunAt)}; from here on it may have been sent`],
      ...learned.map(({ at, state, code, reconciled }): Line => [
        state,
        `${STATES[state] ?? state}${code === null ? '' : ` (${code})`}, ${moment(at)}${reconciled ? '; found out afterwards, and not from the answer' : ''}`,
      ]),
      ...(learned.length === 0 ? ([['then', 'nothing is known yet']] satisfies Line[]) : []),
    ],
  };
}

/** One credential, from its intent to its end. */
export function credentialLine({ grant, target, intendedAt, between, ended }: CredentialPart, moment: Moment): Line {
  const meanwhile = between.map(({ at, event }) => `; ${event} ${moment(at)}`).join('');
  const end = ended === null ? 'not ended yet' : `ended (${ended.by}) ${moment(ended.at)}`;
  return [grant, `for ${known(target)}, intended ${moment(intendedAt)}${meanwhile}; ${end}`];
}

/** What was asked of a person, and what they found out. */
export function taskChapter({ task, kind, step, openedAt, resolved }: TaskPart, moment: Moment): Chapter {
  return {
    title: `Task: ${known(kind)} of ${known(step)}`,
    lines: lines(
      ['task', task],
      ['opened', moment(openedAt)],
      ['resolved', resolved === null ? 'not yet' : `${known(resolved.resolution)}, ${moment(resolved.at)}`],
      ...(resolved === null
        ? []
        : ([
            ['by', resolved.person ?? 'the target, which answered after all'],
            ['reason', said(resolved.reason)],
          ] satisfies Line[])),
    ),
  };
}
