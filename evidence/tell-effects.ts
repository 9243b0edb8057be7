import { type CredentialPart, type EffectPart, type TaskPart } from './story';
import { type StoryEntry } from './story-entry';
import { optionalText, saidText, type StoryReader } from './story-reader';

/** What was begun at targets, attempt by attempt, in the order of beginning. */
export function tellEffects(entries: readonly StoryEntry[], read: StoryReader): readonly EffectPart[] {
  const settled = entries.some(({ event }) => event === 'action.settled');
  const attempts = groupBy(
    entries.filter(({ event }) => event.startsWith('effect.')),
    ({ entry }) => [entry['step'], entry['kind'], entry['attempt']].map(String).join('/'),
  );
  return [...attempts].map(([name, about]) => {
    const begun = about.find(({ event }) => event === 'effect.begun');
    const learned = about
      .filter(({ event }) => event !== 'effect.begun')
      .map(({ at, event, entry }) => ({
        at,
        state: event.slice('effect.'.length),
        code: optionalText(entry, 'code'),
        reconciled: entry['reconciled'] === true,
      }));
    const last = learned.at(-1)?.state;
    if (settled && (last === undefined || last === 'unknown')) read.gap(`whether ${name} happened`);
    const [step = '', kind = '', attempt = ''] = name.split('/');
    const text = (member: string): string | null =>
      begun === undefined ? read.gap(`${member} of ${name}`) : read.text(begun, member);
    return {
      ...{ step, kind, attempt: Number(attempt), target: text('target'), grant: text('grant') },
      ...{ idempotencyKey: text('idempotencyKey'), digest: text('digest'), begunAt: begun?.at ?? null, learned },
    };
  });
}

/** Each credential from its intent, which stands in the entry of the effect that it is for, to its end. */
export function tellCredentials(entries: readonly StoryEntry[], read: StoryReader): readonly CredentialPart[] {
  const settled = entries.some(({ event }) => event === 'action.settled');
  const intents = entries.filter(({ event }) => event === 'effect.begun');
  const grants = groupBy(
    entries.filter(
      ({ event, entry }) => typeof entry['grant'] === 'string' && (event === 'effect.begun' || ofGrant(event)),
    ),
    ({ entry }) => optionalText(entry, 'grant') ?? '',
  );
  return [...grants].map(([grant, about]) => {
    const intent = intents.find(({ entry }) => entry['grant'] === grant);
    const end = about.find(({ event }) => event === 'grant.ended');
    if (end === undefined && settled) read.gap(`how the credential ${grant} ended`);
    return {
      grant,
      target: intent === undefined ? null : read.text(intent, 'target'),
      intendedAt: intent?.at ?? null,
      between: about
        .filter(({ event }) => ofGrant(event) && event !== 'grant.ended')
        .map(({ at, event }) => ({ at, event })),
      ended: end === undefined ? null : { at: end.at, by: read.text(end, 'endedBy') ?? 'unknown' },
    };
  });
}

function ofGrant(event: string): boolean {
  return event.startsWith('grant.');
}

/** What only a person could settle. */
export function tellTasks(entries: readonly StoryEntry[], read: StoryReader): readonly TaskPart[] {
  const tasks = groupBy(
    entries.filter(({ event }) => event.startsWith('task.')),
    ({ entry }) => optionalText(entry, 'task') ?? '',
  );
  return [...tasks].map(([task, about]) => {
    const [first] = about;
    const opened = about.find(({ event }) => event === 'task.opened');
    const resolved = about.find(({ event }) => event === 'task.resolved');
    if (opened === undefined) read.gap(`when ${task} was opened`);
    return {
      task,
      kind: first === undefined ? null : read.text(first, 'kind'),
      step: first === undefined ? null : read.text(first, 'step'),
      openedAt: opened?.at ?? null,
      resolved:
        resolved === undefined
          ? null
          : {
              at: resolved.at,
              resolution: read.text(resolved, 'resolution'),
              person: optionalText(resolved.entry, 'person'),
              reason: saidText(resolved.body, 'reason'),
            },
    };
  });
}

function groupBy(entries: readonly StoryEntry[], nameOf: (entry: StoryEntry) => string): Map<string, StoryEntry[]> {
  const groups = new Map<string, StoryEntry[]>();
  for (const entry of entries) {
    const name = nameOf(entry);
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return groups;
}
