import fc from 'fast-check';
import { type OpenStage, type Vote } from '../../domain/approval';
import { momentsToRemind, verdictOf } from '../../domain/verdict';

const stage = (need: number, eligible: readonly string[], more: Partial<OpenStage> = {}): OpenStage => ({
  need,
  from: ['group:g'],
  eligible,
  reason: 'optional',
  remindAfterMs: [],
  ...more,
});
const approve = (person: string, at = 0): Vote => ({ person, stage: at, choice: 'approve' });
const deny = (person: string, at = 0): Vote => ({ person, stage: at, choice: 'deny' });

const PEOPLE = ['ann', 'ben', 'cyd', 'dan', 'eve'];
const anyStages = fc.array(
  fc
    .record({ need: fc.integer({ min: 1, max: 3 }), eligible: fc.subarray(PEOPLE) })
    .map(({ need, eligible }) => stage(need, eligible)),
  { minLength: 1, maxLength: 3 },
);
const anyApproval = fc
  .record({ person: fc.constantFrom(...PEOPLE), stage: fc.integer({ min: 0, max: 2 }) })
  .map(({ person, stage: at }) => approve(person, at));

describe('a verdict', () => {
  const two = [stage(1, ['ann', 'ben']), stage(2, ['ben', 'cyd', 'dan'])];
  it.each([
    ['nobody voted', [], { kind: 'open', stage: 0, waitingOn: ['ann', 'ben'] }],
    ['the first stage is full', [approve('ann')], { kind: 'open', stage: 1, waitingOn: ['ben', 'cyd', 'dan'] }],
    [
      'one who sat in the first stage is not asked again',
      [approve('ben')],
      { kind: 'open', stage: 1, waitingOn: ['cyd', 'dan'] },
    ],
    ['one seat is left', [approve('ann'), approve('cyd', 1)], { kind: 'open', stage: 1, waitingOn: ['ben', 'dan'] }],
    [
      'a second account of one who sat in the first stage is not counted, nor asked',
      [{ ...approve('ann'), accounts: ['ann', 'cyd'] }, approve('cyd', 1), approve('dan', 1)],
      { kind: 'open', stage: 1, waitingOn: ['ben'] },
    ],
    ['every seat is taken', [approve('ann'), approve('cyd', 1), approve('dan', 1)], { kind: 'approved' }],
    [
      'the second stage alone is full',
      [approve('cyd', 1), approve('dan', 1)],
      { kind: 'open', stage: 0, waitingOn: ['ann', 'ben'] },
    ],
    [
      'X17 one person voted for two seats',
      [approve('ann'), approve('cyd', 1), approve('cyd', 1)],
      { kind: 'open', stage: 1, waitingOn: ['ben', 'dan'] },
    ],
    [
      'X17 one person voted in two stages',
      [approve('ben'), approve('ben', 1), approve('cyd', 1)],
      { kind: 'open', stage: 1, waitingOn: ['dan'] },
    ],
    [
      'X7 all approved and one denied',
      [approve('ann'), approve('cyd', 1), approve('dan', 1), deny('ben', 1)],
      { kind: 'rejected' },
    ],
    ['one approved and denied', [approve('ann'), deny('ann')], { kind: 'rejected' }],
  ])('when %s', (_, votes, expected) => {
    expect(verdictOf(two, votes, 0)).toMatchObject(expected);
  });

  it('names the groups that are asked, and those asked in addition only once nobody answered', () => {
    const escalation = { afterMs: 100, to: ['group:leads'], eligible: ['eve'] };
    const escalating = [{ ...stage(1, ['ann']), from: ['group:staff'], escalation }];
    expect(verdictOf(escalating, [], 99)).toMatchObject({ waitingOn: ['ann'], groups: ['group:staff'] });
    expect(verdictOf(escalating, [], 100)).toMatchObject({
      waitingOn: ['ann', 'eve'],
      groups: ['group:staff', 'group:leads'],
    });
  });

  it('of no stages is no, not yes', () => {
    expect(verdictOf([], [], 0)).toEqual({ kind: 'rejected' });
    expect(verdictOf([], [approve('ann')], 0)).toEqual({ kind: 'rejected' });
  });

  it('names those who are asked later only from their time on', () => {
    const stages = [stage(1, ['ann'], { escalation: { afterMs: 100, to: ['group:h'], eligible: ['ben', 'ann'] } })];
    expect(verdictOf(stages, [], 99)).toMatchObject({ waitingOn: ['ann'] });
    expect(verdictOf(stages, [], 100)).toMatchObject({ waitingOn: ['ann', 'ben'] });
  });

  it('X7 a denial ends it, wherever it stands among the votes', () => {
    fc.assert(
      fc.property(
        anyStages,
        fc.array(anyApproval),
        fc.constantFrom(...PEOPLE),
        fc.nat(20),
        (stages, votes, person, at) => {
          const cast = [...votes.slice(0, at), deny(person), ...votes.slice(at)];
          expect(verdictOf(stages, cast, 0)).toEqual({ kind: 'rejected' });
        },
      ),
    );
  });

  it('X33 does not depend on the order in which people voted', () => {
    const shuffled = fc
      .array(anyApproval, { maxLength: 8 })
      .chain((votes) =>
        fc.tuple(fc.constant(votes), fc.shuffledSubarray(votes, { minLength: votes.length, maxLength: votes.length })),
      );
    fc.assert(
      fc.property(anyStages, shuffled, (stages, [votes, others]) =>
        expect(verdictOf(stages, votes, 0)).toEqual(verdictOf(stages, others, 0)),
      ),
    );
  });

  it('I7 is approved only by as many distinct people as there are seats', () => {
    fc.assert(
      fc.property(anyStages, fc.array(anyApproval), (stages, votes) => {
        const seats = stages.reduce((sum, { need }) => sum + need, 0);
        if (verdictOf(stages, votes, 0).kind === 'approved')
          expect(new Set(votes.map(({ person }) => person)).size).toBeGreaterThanOrEqual(seats);
      }),
      { numRuns: 500 },
    );
  });

  it('counts one vote per person however often it is repeated', () => {
    fc.assert(
      fc.property(anyStages, fc.array(anyApproval), (stages, votes) =>
        expect(verdictOf(stages, [...votes, ...votes], 0)).toEqual(verdictOf(stages, votes, 0)),
      ),
    );
  });

  it('I13 once approved, further approvals of the last stage change nothing', () => {
    fc.assert(
      fc.property(anyStages, fc.array(anyApproval), anyApproval, (stages, votes, more) => {
        if (verdictOf(stages, votes, 0).kind !== 'approved') return;
        expect(verdictOf(stages, [...votes, { ...more, stage: stages.length - 1 }], 0)).toEqual({ kind: 'approved' });
      }),
      { numRuns: 500 },
    );
  });
});

it('reminders and escalations are due at their moments, each named once and in order', () => {
  const stages = [
    stage(1, [], { remindAfterMs: [30, 10] }),
    stage(1, [], { remindAfterMs: [10], escalation: { afterMs: 20, to: [], eligible: [] } }),
  ];
  expect(momentsToRemind(stages)).toEqual([10, 20, 30]);
  expect(momentsToRemind([])).toEqual([]);
});
