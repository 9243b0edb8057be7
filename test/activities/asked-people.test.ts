import { askedPeople } from '../../activities/asked-people';
import { type OpenStage } from '../../domain/approval';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${String(i)}`.padEnd(63, 'x'));
const stage = (eligible: readonly string[], later?: readonly string[]): OpenStage => ({
  ...{ need: 1, from: ['group:keepers'], eligible, reason: 'optional', remindAfterMs: [] },
  ...(later && { escalation: { afterMs: 1_000, to: ['group:leads'], eligible: later } }),
});

it('names everybody who was asked, and who would be asked later', () => {
  expect(askedPeople([stage(['bob', 'cleo'], ['dan']), stage(['eli'])])).toEqual([
    {
      from: ['group:keepers'],
      eligible: ['bob', 'cleo'],
      escalation: { afterMs: 1_000, to: ['group:leads'], eligible: ['dan'] },
    },
    { from: ['group:keepers'], eligible: ['eli'] },
  ]);
});

it('fits a body of the ledger, however many were asked', () => {
  const asked = askedPeople(Array.from({ length: 8 }, () => stage(names(5_000), names(5_000))));
  expect(Buffer.byteLength(JSON.stringify(asked))).toBeLessThan(200 * 1_024);
  expect(asked).toHaveLength(8);
});
