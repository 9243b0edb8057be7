import { type Evidence } from './evidence';

/** I5: no gap in the sequence; each action that was requested has one ending, and each round of it one decision; each attempt one end. */
export function onceInLedger({ entries }: Evidence): readonly string[] {
  const of = (wanted: string, nameOf: (entry: Readonly<Record<string, unknown>>) => string): readonly string[] =>
    entries.filter(({ event }) => event === wanted).map(({ entry }) => nameOf(entry));
  const action = (entry: Readonly<Record<string, unknown>>): string => String(entry['action']);
  const round = (entry: Readonly<Record<string, unknown>>): string =>
    `${action(entry)} round ${String(entry['round'])}`;
  const settled = of('action.settled', action);
  const ended = new Set(settled);
  return [
    ...entries.filter(({ seq }, index) => seq !== index).map(({ seq }) => `I5 the sequence breaks at ${String(seq)}`),
    ...twice(of('action.requested', action)).map((name) => `I5 requested twice: ${name}`),
    ...twice(of('action.decided', round)).map((name) => `I5 decided twice: ${name}`),
    ...twice(settled).map((name) => `I5 settled twice: ${name}`),
    ...of('action.requested', action)
      .filter((name) => !ended.has(name))
      .map((name) => `I5 ${name} has no ending in the ledger`),
    ...attemptsWithoutEnd(entries).map((name) => `I5 begun and never ended: ${name}`),
  ];
}

function twice(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.size === seen.add(name).size);
}

/** What stays unknown has an entry that says so. */
function attemptsWithoutEnd(entries: Evidence['entries']): readonly string[] {
  const name = (entry: Readonly<Record<string, unknown>>): string =>
    ['action', 'step', 'kind', 'attempt'].map((member) => String(entry[member])).join(' ');
  const ends = ['effect.done', 'effect.failed', 'effect.absent', 'effect.unknown'];
  const ended = new Set(entries.filter(({ event }) => ends.includes(event)).map(({ entry }) => name(entry)));
  return entries
    .filter(({ event, entry }) => event === 'effect.begun' && !ended.has(name(entry)))
    .map(({ entry }) => name(entry));
}
