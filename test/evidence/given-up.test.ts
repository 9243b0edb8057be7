import { GivenUp } from '../../evidence/given-up';

it('tells how much a log kept of more checkpoints than a call takes arguments', () => {
  const root = Buffer.alloc(32);
  const before = Array.from({ length: 200_000 }, (_, i) => ({ origin: 'countersign/demo', size: i + 1, root }));
  const givenUp = `sha256:${'a'.repeat(64)}`;
  const given = new GivenUp([{ restores: [{ before, givenUp, acknowledged: 0 }] }]);
  const entry = `{"checkpoint":"${givenUp}","event":"restore.acknowledged"}`;
  given.see(
    0,
    `{"at":"2026-01-31T12:00:00.000Z","body":null,"entry":${entry},"key":"k","seq":0,"tenant":"demo","v":1}`,
  );
  for (const { size } of before) given.compare(size, () => root);
  expect(given.tell([0]).known).toEqual([
    { code: 'restored', seq: 0, message: expect.stringContaining('those after the first 200000') as string },
  ]);
});
