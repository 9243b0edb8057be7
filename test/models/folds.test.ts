import fc from 'fast-check';
import { type OpenStage, type Vote } from '../../domain/approval';
import { endingOf, type StepRecord } from '../../domain/ending';
import { verdictOf } from '../../domain/verdict';

const RUNS = { numRuns: 1_000 };
const PEOPLE = ['ann', 'ben', 'cleo', 'dan', 'eve'];

const stage: fc.Arbitrary<OpenStage> = fc.record({
  need: fc.integer({ min: 1, max: 3 }),
  from: fc.constant(['group:any']),
  eligible: fc.subarray(PEOPLE),
  reason: fc.constant('optional' as const),
  remindAfterMs: fc.constant([]),
});
const stages = fc.array(stage, { minLength: 1, maxLength: 3 });
const votes: fc.Arbitrary<Vote[]> = fc.array(
  fc.record({
    person: fc.constantFrom(...PEOPLE),
    stage: fc.nat(2),
    choice: fc.constantFrom('approve', 'approve', 'approve', 'deny'),
  }),
  { maxLength: 40 },
);

/** Each stage in turn takes who approved it and was not taken before; nobody may be missing anywhere. */
function approvedByTheBook(asked: readonly OpenStage[], cast: readonly Vote[]): boolean {
  const free = new Set(PEOPLE);
  return asked.every(({ need }, index) => {
    const here = PEOPLE.filter(
      (person) => free.has(person) && cast.some((vote) => vote.person === person && vote.stage === index),
    );
    here.forEach((person) => free.delete(person));
    return here.length >= need;
  });
}

describe('the verdict', () => {
  it('I7 X26 is what the book says: any denial ends it, else every stage has its own distinct humans, else it is open', () => {
    fc.assert(
      fc.property(stages, votes, fc.nat(), (asked, cast, sinceMs) => {
        const denied = cast.some(({ choice }) => choice === 'deny');
        const expected = denied ? 'rejected' : approvedByTheBook(asked, cast) ? 'approved' : 'open';
        expect(verdictOf(asked, cast, sinceMs).kind).toBe(expected);
      }),
      RUNS,
    );
  });

  it('X7 is the same in whatever order the votes were read', () => {
    fc.assert(
      fc.property(
        stages,
        votes.chain((cast) => fc.tuple(fc.constant(cast), fc.shuffledSubarray(cast, { minLength: cast.length }))),
        (asked, [one, other]) => {
          expect(verdictOf(asked, other, 0)).toEqual(verdictOf(asked, one, 0));
        },
      ),
      RUNS,
    );
  });

  it('X17 does not come nearer by anybody’s second vote, and waits for nobody who was counted', () => {
    fc.assert(
      fc.property(stages, votes, (asked, cast) => {
        const verdict = verdictOf(asked, cast, 0);
        expect(verdictOf(asked, [...cast, ...cast], 0)).toEqual(verdict);
        if (verdict.kind !== 'open') return;
        const voters = cast.filter((vote) => vote.stage <= verdict.stage).map(({ person }) => person);
        expect(verdict.waitingOn.filter((person) => voters.includes(person))).toEqual([]);
      }),
      RUNS,
    );
  });
});

const STEPS = ['book', 'pay', 'tell'];
const records: fc.Arbitrary<StepRecord[]> = fc
  .tuple(
    ...STEPS.map((step) =>
      fc.record({ step: fc.constant(step), done: fc.boolean(), asApproved: fc.boolean(), undone: fc.boolean() }),
    ),
  )
  .map((each) =>
    each.map((record) => ({
      ...record,
      asApproved: record.done && record.asApproved,
      undone: record.done && record.undone,
    })),
  )
  .chain((all) => fc.subarray(all));
const stopped = fc.constantFrom('denied', 'rejected', 'expired', 'cancelled', 'failed', null);

it('I14 an ending never says less than what stands at the targets, and «executed» only of all, as approved', () => {
  fc.assert(
    fc.property(records, stopped, (known, why) => {
      const standing = known.filter(({ done, undone }) => done && !undone);
      const ending = endingOf(STEPS, known, why);
      const whole =
        why === null && STEPS.every((step) => standing.some((each) => each.step === step && each.asApproved));
      expect(ending === 'executed').toBe(whole);
      if (!whole) expect(ending === 'undo_stuck').toBe(standing.length > 0);
    }),
    RUNS,
  );
});
