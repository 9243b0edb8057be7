import { ActivityFailure } from '@temporalio/common';
import { type Progress } from '../../workflows/progress';
import { undoWhatWasDone } from '../../workflows/take-back';

/* The workflow's own code, where Temporal gives up on every undo, whoever is woken meanwhile. */
const mockAsked: string[] = [];
const mockOptions: unknown[] = [];
const mockWaits: (number | undefined)[] = [];
jest.mock('../../workflows/proxies', () => ({
  deciding: { askPerson: ({ stepId }: { stepId: string }) => Promise.resolve(void mockAsked.push(stepId)) },
  effects: {
    undoStep: {
      executeWithOptions: (options: unknown) => {
        mockOptions.push(options);
        return Promise.reject(new ActivityFailure('gave up', 'undoStep', '1', 'TIMEOUT', 'worker'));
      },
    },
  },
}));
jest.mock('@temporalio/workflow', () => ({
  condition: (_: () => boolean, ms?: number) => Promise.resolve(void mockWaits.push(ms)),
  patched: () => true,
}));

const progress: Progress = {
  ...{ begun: new Set(['book', 'pay']), done: new Set(), liveGrants: false, wakes: () => 0 },
  ...{ decidedUnder: () => undefined, enter: () => undefined, answer: (state) => ({ state }) },
};

it('an undo that nobody answers is tried for weeks, ever less often, and then left to whoever was asked', async () => {
  await undoWhatWasDone({ tenant: 'acme', actionId: 'act-1' }, progress);
  const tries = mockOptions.length / 2;
  expect(mockAsked).toEqual([...Array<string>(tries).fill('pay'), ...Array<string>(tries).fill('book')]);
  const waits = mockWaits.slice(0, tries - 1);
  expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * 60_000));
  const days = waits.reduce<number>((sum, ms) => sum + (ms ?? 0), 0) / 86_400_000;
  expect([days > 30, days < 42]).toEqual([true, true]);
  // Each is a row of its own, of which one step has a thousand: some twenty-five in the first ten minutes, then one at a time.
  expect(mockOptions.slice(0, 2)).toEqual([
    { summary: 'undo pay' },
    { summary: 'undo pay', retry: { maximumAttempts: 1 } },
  ]);
  expect(tries + 25).toBeLessThan(1_000);
});
