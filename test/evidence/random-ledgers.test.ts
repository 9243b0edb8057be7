import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { type LedgerReport } from '../../evidence/ledger-report';
import { type BothVerifiers, createBothVerifiers } from './both-verifiers';
import { entryLines, exportLines, type Said, signedNotes, type Written } from './written-ledger';

/** Each run asks both verifiers about eight logs. */
const RUNS = Number(process.env['LEDGER_RUNS'] ?? 100);

const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');

let verifiers: BothVerifiers;
beforeAll(() => {
  verifiers = createBothVerifiers();
});
afterAll(() => verifiers.close());

const words = fc.string({ unit: fc.constantFrom('a', 'z', '"', '\\', '\n', '\u2028', 'é', '\u{1f600}'), maxLength: 6 });
const said: fc.Arbitrary<Said> = fc.record({
  key: words,
  entry: fc.record({ event: fc.constantFrom('action.decided', 'effect.begun'), text: words }),
  body: fc.option(words),
});

/** A log of which the last checkpoint covers at least two entries, and two places in what it covers: `one` before `other`. */
const cases = fc
  .record({
    tenant: fc.constantFrom('demo', 'acme-9'),
    // What makes each different from every other, as in the database.
    said: fc
      .array(said, { minLength: 2, maxLength: 20 })
      .map((all) => all.map((each, index) => ({ ...each, key: `${String(index)}/${each.key}` }))),
  })
  .chain((log) =>
    fc
      .tuple(
        fc.integer({ min: 2, max: log.said.length }),
        fc.uniqueArray(fc.integer({ min: 1, max: log.said.length }), { maxLength: 3 }),
      )
      .map(([covers, more]): Written => ({ ...log, sizes: [...more.filter((size) => size < covers), covers] })),
  )
  .chain((log) =>
    fc
      .uniqueArray(fc.nat(Math.max(...log.sizes) - 1), { minLength: 2, maxLength: 2 })
      .map((places) => ({ log, places: places.sort((a, b) => a - b) as [number, number] })),
  );

const invented: Said = { key: 'invented', entry: { event: 'action.decided' }, body: null };

/** What somebody does who can write the whole database, and makes every entry fit its new place, but holds no key of ours. */
const REWRITES: Readonly<Record<string, (said: readonly Said[], one: number, other: number) => readonly Said[]>> = {
  edit: (all, one) => all.map((each, index) => (index === one ? { ...each, entry: { event: 'effect.undone' } } : each)),
  delete: (all, one) => all.filter((_, index) => index !== one),
  insert: (all, one) => all.toSpliced(one, 0, invented),
  swap: (all, one, other) => all.with(one, all[other] ?? invented).with(other, all[one] ?? invented),
  truncate: (all, one) => all.slice(0, one),
  fork: (all, one) => all.map((each, index) => (index < one ? each : { ...invented, key: `other/${String(index)}` })),
};

const codes = ({ findings }: LedgerReport): string[] => findings.map(({ code }) => code);

async function judge(name: string, log: Written, one: number, other: number): Promise<LedgerReport> {
  const notes = signedNotes(log, ours.privateKey);
  if (name === 're-sign') {
    const rewritten = { ...log, said: REWRITES['edit']?.(log.said, one, other) ?? [] };
    const lines = exportLines(
      log.tenant,
      entryLines(rewritten),
      signedNotes(rewritten, theirs.privateKey),
      theirs.privateKey,
    );
    return verifiers.report(lines, ours.publicKey);
  }
  const rewritten = { ...log, said: REWRITES[name]?.(log.said, one, other) ?? log.said };
  return verifiers.report(exportLines(log.tenant, entryLines(rewritten), notes, ours.privateKey), ours.publicKey);
}

it('X71 X72 whatever is edited, deleted, inserted, swapped, cut off, forked or signed anew in what was signed, both verifiers find it', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ log, places: [one, other] }) => {
      const covers = Math.max(...log.sizes);
      const untouched = await judge('nothing', log, one, other);
      expect(untouched).toMatchObject({ ok: true, size: log.said.length, anchored: { from: 0, to: covers } });
      for (const name of ['edit', 'delete', 'insert', 'swap', 'fork']) {
        const report = await judge(name, log, one, other);
        expect(report.ok).toBe(false);
        // Every entry is whole, so that only a checkpoint can tell: its root is another, or its size was never reached.
        expect(codes(report).join()).toMatch(name === 'delete' ? /^(root_mismatch|truncated)/ : /^root_mismatch$/);
        // Nothing from the changed place on passes for signed.
        expect(report.anchored.to).toBeLessThanOrEqual(one);
      }
      expect(codes(await judge('truncate', log, one, other))).toEqual(['truncated']);
      const signedAnew = codes(await judge('re-sign', log, one, other));
      expect(new Set(signedAnew)).toEqual(new Set(['checkpoint_signature', 'not_anchored']));
    }),
    { numRuns: RUNS },
  );
});

it('X72 whoever cuts a log off together with its checkpoints is found by a checkpoint that somebody kept', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ log, places: [one] }) => {
      const notes = signedNotes(log, ours.privateKey);
      const shorter = { ...log, said: log.said.slice(0, one), sizes: log.sizes.filter((size) => size <= one) };
      const left = signedNotes(shorter, ours.privateKey);
      const lines = exportLines(log.tenant, entryLines(shorter), left, ours.privateKey);
      const report = await verifiers.report(lines, ours.publicKey, notes);
      expect(report.ok).toBe(false);
      expect(codes(report)).toContain('truncated');
    }),
    { numRuns: RUNS },
  );
});
