import fc from 'fast-check';
import { type ApprovalChain, type ApprovalStage } from '../../domain/documents';
import { openStages } from '../../domain/open-stages';

const stage = (from: string, need = 1, more: Partial<ApprovalStage> = {}): ApprovalStage => ({
  from: [from],
  need,
  remindAfterMs: [],
  reason: 'optional',
  ...more,
});
const chain = (...stages: ApprovalStage[]): ApprovalChain => ({
  id: 'c',
  decideWithinMs: 1_000,
  validForMs: 500,
  stages,
});

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  ab: ['ann', 'ben'],
  bc: ['ben', 'cyd'],
  a: ['ann'],
  none: [],
};
const membersOf = (group: string): readonly string[] => GROUPS[group] ?? [];
const open = (chains: readonly ApprovalChain[], conflicted: readonly string[] = []): ReturnType<typeof openStages> =>
  openStages(chains, { membersOf, humanOf: (person) => person }, new Set(conflicted));

describe('a request opens', () => {
  it('with the people of now, sorted and once each', () => {
    const opened = open([chain({ ...stage('ab', 2), from: ['bc', 'ab'] })]);
    expect(opened).toMatchObject({ kind: 'satisfiable', stages: [{ need: 2, eligible: ['ann', 'ben', 'cyd'] }] });
  });

  it('with all chains, one after the other, and the shortest of their times', () => {
    const hasty = { ...chain(stage('a')), decideWithinMs: 10, validForMs: 900 };
    expect(open([chain(stage('bc')), hasty])).toMatchObject({
      stages: [{ from: ['bc'] }, { from: ['a'] }],
      decideWithinMs: 10,
      validForMs: 500,
    });
  });

  it('X8 without those whose own agent asks, among the later asked too', () => {
    const opened = open([chain(stage('ab', 1, { escalate: { afterMs: 5, to: ['bc'] } }))], ['ben']);
    expect(opened).toMatchObject({ stages: [{ eligible: ['ann'], escalation: { afterMs: 5, eligible: ['cyd'] } }] });
  });
});

describe('I7 nobody could satisfy', () => {
  it.each<[string, ApprovalChain[], string[]]>([
    ['no chain', [], []],
    ['a chain without stages', [chain()], []],
    ['an empty group: it means nobody, never anybody', [chain(stage('none'))], []],
    ['a group that does not exist', [chain(stage('nowhere'))], []],
    ['a group of those in conflict', [chain(stage('ab'))], ['ann', 'ben']],
    ['more seats than people', [chain(stage('ab', 3))], []],
    ['the same person twice', [chain(stage('a'), stage('a'))], []],
    ['two stages that share their people', [chain(stage('ab', 2), stage('ab'))], []],
    ['two chains that share their people', [chain(stage('ab', 2)), chain(stage('a'))], []],
    ['a stage that escalates to nobody', [chain(stage('none', 1, { escalate: { afterMs: 1, to: ['none'] } }))], []],
  ])('%s', (_, chains, conflicted) => {
    expect(open(chains, conflicted)).toEqual({ kind: 'unsatisfiable' });
  });

  it('but somebody can where the seats must be shared out cleverly', () => {
    expect(open([chain(stage('ab'), stage('bc'), stage('a'))]).kind).toBe('satisfiable');
    expect(open([chain(stage('none', 1, { escalate: { afterMs: 1, to: ['a'] } }))]).kind).toBe('satisfiable');
  });
});

const PEOPLE = ['ann', 'ben', 'cyd', 'dan'];
const anyStage = fc.record({ need: fc.integer({ min: 1, max: 2 }), people: fc.subarray(PEOPLE) });

/** Tries every way to seat people, one seat after the other. */
function seatable(seats: readonly (readonly string[])[], taken: ReadonlySet<string> = new Set()): boolean {
  const [first, ...rest] = seats;
  if (first === undefined) return true;
  return first.some((person) => !taken.has(person) && seatable(rest, new Set([...taken, person])));
}

it('I7 satisfiable means: every seat can be given to a different person, told by trying them all', () => {
  fc.assert(
    fc.property(fc.array(anyStage, { minLength: 1, maxLength: 3 }), fc.subarray(PEOPLE), (stages, conflicted) => {
      const chains = [chain(...stages.map(({ need }, i) => stage(String(i), need)))];
      const opened = openStages(
        chains,
        { membersOf: (group) => stages[Number(group)]?.people ?? [], humanOf: (person) => person },
        new Set(conflicted),
      );
      const seats = stages.flatMap(({ need, people }) =>
        Array.from({ length: need }, () => people.filter((person) => !conflicted.includes(person))),
      );
      expect(opened.kind === 'satisfiable').toBe(seatable(seats));
    }),
    { numRuns: 500 },
  );
});
