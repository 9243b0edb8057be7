import fc from 'fast-check';
import { endingOf, type StepRecord } from '../../domain/ending';
import { outcomeOf } from '../../domain/words';
import { ACTION_ENDINGS } from '../../domain/action';

const done = (step: string): StepRecord => ({ step, done: true, asApproved: true, undone: false });
const doubtful = (step: string): StepRecord => ({ ...done(step), asApproved: false });
const undone = (step: string): StepRecord => ({ ...done(step), undone: true });
const failed = (step: string): StepRecord => ({ step, done: false, asApproved: false, undone: false });

const STEPS = ['book', 'pay'];
const STOPPED = ['denied', 'rejected', 'expired', 'cancelled', 'failed', null] as const;

describe('an action ends', () => {
  it.each<[string, StepRecord[], (typeof STOPPED)[number], string]>([
    ['all done and nothing said', [done('book'), done('pay')], null, 'executed'],
    ['X77 nothing done and success claimed', [], null, 'undone'],
    ['X77 half done and success claimed', [done('book')], null, 'undo_stuck'],
    [
      'X77 all done, one not as approved or not known, and success claimed',
      [done('book'), doubtful('pay')],
      null,
      'undo_stuck',
    ],
    ['X77 all done and undone, and success claimed', [undone('book'), undone('pay')], null, 'undone'],
    ['I14 one step stands after a failure', [done('book'), failed('pay')], 'failed', 'undo_stuck'],
    ['I14 one step stands, the other is undone', [done('book'), undone('pay')], 'failed', 'undo_stuck'],
    ['I14 what was done is undone', [undone('book'), failed('pay')], 'failed', 'undone'],
    ['all done, and stopped afterwards', [done('book'), done('pay')], 'cancelled', 'undo_stuck'],
    ['denied between two steps, the first undone', [undone('book')], 'denied', 'undone'],
    ['stopped before anything', [], 'denied', 'denied'],
    ['stopped after a failure that changed nothing', [failed('book')], 'cancelled', 'cancelled'],
    ['failed before anything', [failed('book')], 'failed', 'undone'],
  ])('%s', (_, records, stopped, ending) => {
    expect(endingOf(STEPS, records, stopped)).toBe(ending);
  });

  it('without steps never as executed', () => {
    expect(endingOf([], [], null)).toBe('undone');
  });
});

const anyRecord = fc.record<StepRecord>({
  step: fc.constantFrom(...STEPS),
  done: fc.boolean(),
  asApproved: fc.boolean(),
  undone: fc.boolean(),
});

it('I14 whatever is claimed: executed means all stands, and anything else means that nothing stands or a person is asked', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyRecord, { selector: ({ step }) => step }),
      fc.constantFrom(...STOPPED),
      (records, stopped) => {
        const standing = records.filter((record) => record.done && !record.undone);
        const ending = endingOf(STEPS, records, stopped);
        if (ending === 'executed') expect(standing.filter((record) => record.asApproved)).toHaveLength(STEPS.length);
        else expect(ending === 'undo_stuck').toBe(standing.length > 0);
      },
    ),
  );
});

describe('what the agent is told', () => {
  it.each(ACTION_ENDINGS.filter((ending) => ending !== 'executed'))(
    'of an action that ended as %s is a sentence, then the reasons',
    (ending) => {
      const reasons = [
        { code: 'a', message: 'It is too much.', remedy: 'Ask for less.' },
        { code: 'b', message: 'It is late.' },
      ];
      const outcome = outcomeOf(ending, reasons, { secret: 1 });
      expect(outcome).toEqual({
        kind: ending,
        say: expect.stringMatching(/^This .+\. It is too much\. Ask for less\. It is late\.$/),
        reasons,
      });
    },
  );

  it('of a denial, a rejection, a silence and a cancellation is four different things', () => {
    const said = (['denied', 'rejected', 'expired', 'cancelled'] as const).map(
      (ending) => outcomeOf(ending, [], {}).say,
    );
    expect(new Set(said).size).toBe(4);
    for (const sentence of said) expect(sentence).toMatch(/^This was not done: /);
  });

  it('of an action that was executed is its result', () => {
    expect(outcomeOf('executed', [{ code: 'x', message: 'x' }], { pay: { id: 1 } })).toEqual({
      kind: 'executed',
      say: 'This was done.',
      result: { pay: { id: 1 } },
    });
  });
});
