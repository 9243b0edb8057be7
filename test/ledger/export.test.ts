import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { packageRoot } from '../../config/paths';
import { writeCheckpoint } from '../../db/checkpoint';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { type LedgerProof } from '../../evidence/ledger-proof';
import { type LedgerReport } from '../../evidence/ledger-report';
import { leafHash } from '../../evidence/merkle';
import { verifyExport } from '../../evidence/verify-export';
import { splitNotes } from '../../evidence/checkpoint-chain';
import { type CommandResult, runLedger } from './command';
import { createTestLog, entries, type TestLog } from './log';

let log: TestLog;
let directory: string;
let keyFile: string;
/** Lines of an export with bodies: a header, ten entries, checkpoints over four and eight. */
let lines: readonly string[];
let notes: readonly string[];
const tenant = 'demo';

const sources = (): string[] => [
  '--checkpoints',
  log.directory,
  '--public-key',
  keyFile,
  '--database-url',
  log.database.auditorUrl,
];

beforeAll(async () => {
  log = await createTestLog();
  directory = await mkdtemp(join(tmpdir(), 'countersign-export-'));
  keyFile = join(directory, 'checkpoint.pub.pem');
  await writeFile(keyFile, log.publicKey.export({ type: 'spki', format: 'pem' }));
  await log.ledger.append(tenant, entries('a', 4, true));
  await writeCheckpoint(log.checkpoints, tenant);
  await log.ledger.append(tenant, [
    ...entries('b', 3, true),
    { key: 'line/separator', event: 'a.b', entry: { text: '\u2028\u2029\u{1f600}\u007f\\' } },
  ]);
  await writeCheckpoint(log.checkpoints, tenant);
  await log.ledger.append(tenant, entries('c', 2, true));
  await log.loops.query('delete from ledger_bodies where tenant = $1 and seq = 1', [tenant]);
  const { stdout, exitCode } = await runLedger('export', '--tenant', tenant, '--with-bodies', ...sources());
  expect(exitCode).toBe(0);
  lines = stdout.split('\n').filter((line) => line !== '');
  notes = splitNotes(await readFile(checkpointFile(log.directory, tenant), 'utf8')).notes;
});
afterAll(async () => {
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

/** The verifier that shares no code with ours, copied away from the checkout. */
const offline = async (file: string, ...args: string[]): Promise<CommandResult> => {
  const script = join(directory, 'verify-ledger.mjs');
  await copyFile(join(packageRoot(), 'evidence', 'verify-ledger.mjs'), script);
  return await new Promise((resolve) => {
    execFile(process.execPath, [script, file, ...args], { cwd: directory, env: {} }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, exitCode: error === null ? 0 : Number(error.code) });
    });
  });
};

const saved = async (content: readonly string[], name = 'export.jsonl'): Promise<string> => {
  const file = join(directory, name);
  await writeFile(file, content.map((line) => `${line}\n`).join(''));
  return file;
};

/** The report without its sentences, which each verifier words for itself. */
const facts = ({ findings, warnings, ...report }: LedgerReport): unknown => ({
  ...report,
  findings: findings.map(({ message: _, ...finding }) => finding),
  warnings: warnings.map(({ message: _, ...warning }) => warning),
});

const both = async (content: readonly string[], kept: readonly string[] = []): Promise<LedgerReport> => {
  const file = await saved(content);
  const ours = await verifyExport(file, [log.publicKey], kept);
  const keptFile = await saved(kept, 'kept.checkpoints');
  const theirs = await offline(file, '--public-key', keyFile, ...(kept.length > 0 ? ['--checkpoints', keptFile] : []));
  expect(theirs.exitCode).toBe(ours.ok ? 0 : 1);
  const { key, ...report } = JSON.parse(theirs.stdout) as LedgerReport & { key: string };
  expect(key).toMatch(/^sha256:/);
  expect(facts(report)).toEqual(facts(ours));
  return ours;
};

const change = (index: number, from: string | RegExp, to: string): string[] => {
  expect(lines[index]).toMatch(from);
  return lines.map((line, i) => (i === index ? line.replace(from, to) : line));
};
/** Replaces the leaf of a line and its hash with it. */
const rewritten = (index: number, from: string, to: string): string[] =>
  lines.map((text, i) => {
    if (i !== index) return text;
    const line = JSON.parse(text) as { leaf: string };
    const leaf = line.leaf.replace(from, to);
    expect(leaf).not.toBe(line.leaf);
    return JSON.stringify({ ...line, leaf, hash: leafHash(leaf).toString('hex') });
  });
const without = (...indexes: number[]): string[] => lines.filter((_, i) => !indexes.includes(i));
const swapped = (a: number, b: number): string[] =>
  lines.map((line, i) => (i === a ? lines[b] : i === b ? lines[a] : line) ?? '');

describe('an export', () => {
  test('is verified by both verifiers, with bodies and without', async () => {
    expect(lines).toHaveLength(13);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      format: 'countersign-ledger/1',
      tenant,
      origin: 'countersign/demo',
      bodies: true,
    });
    expect(await both(lines)).toMatchObject({
      ok: true,
      size: 10,
      erasedBodies: 1,
      anchored: { from: 0, to: 8 },
      unanchored: { from: 8, to: 10 },
      checkpoints: 2,
    });
    const { stdout } = await runLedger('export', '--tenant', tenant, ...sources());
    expect(stdout).not.toContain('Person');
    expect(await both(stdout.trimEnd().split('\n'))).toMatchObject({ ok: true, erasedBodies: 0 });
  });

  test.each<[string, () => string[], Partial<LedgerReport>, string[]]>([
    ['an edited leaf', () => change(6, 'allow', 'deny'), { firstBad: 5 }, ['leaf_edited', 'root_mismatch']],
    [
      'a leaf with a name twice, hashed anew',
      () => rewritten(10, '"effect":"allow"', '"effect":"allow","effect":"allow"'),
      { firstBad: 9, anchored: { from: 0, to: 8 } },
      ['malformed_leaf'],
    ],
    ['a rewritten tail that no checkpoint covers', () => rewritten(10, 'allow', 'deny'), { ok: true }, []],
    ['a rewritten leaf, hashed anew', () => rewritten(3, 'allow', 'deny'), {}, ['root_mismatch']],
    [
      'an edited hash',
      () => change(6, /"hash":"./, '"hash":"x'),
      { firstBad: 5 },
      ['malformed_line', 'sequence', 'root_mismatch'],
    ],
    ['a deleted entry', () => without(6), { firstBad: 5 }, ['sequence', 'root_mismatch']],
    [
      'an entry twice',
      () => lines.flatMap((line, i) => (i === 6 ? [line, line] : [line])),
      { firstBad: 6 },
      ['sequence', 'root_mismatch'],
    ],
    ['two entries swapped', () => swapped(3, 7), { firstBad: 2 }, ['sequence', 'root_mismatch']],
    ['an edited body', () => change(6, 'Person', 'Parson'), { firstBad: 5 }, ['body_mismatch']],
    [
      'a line that is no JSON',
      () => change(6, '{', ''),
      { firstBad: 5 },
      ['malformed_line', 'sequence', 'root_mismatch'],
    ],
    ['a cut tail with checkpoints that cover it', () => without(7, 8, 9, 10), { size: 6 }, ['truncated']],
    ['a cut tail after the last checkpoint', () => without(9, 10), { ok: true, size: 8 }, []],
    ['no entries at all', () => without(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), { size: 0 }, ['truncated']],
    ['no checkpoints', () => without(11, 12), { anchored: { from: 0, to: 0 } }, ['not_anchored']],
    ['the first checkpoint left out', () => without(11), {}, ['checkpoint_chain']],
    ['a checkpoint edited', () => change(12, String.raw`\n8\n`, String.raw`\n9\n`), {}, ['checkpoint_signature']],
    [
      'entries of another tenant',
      () => change(0, /demo/g, 'other'),
      { firstBad: 0 },
      ['checkpoint_signature', 'checkpoint_signature', 'wrong_tenant', 'not_anchored'],
    ],
  ])('%s: both verifiers say the same', async (_, content, expected, codes) => {
    const report = await both(content());
    expect(report).toMatchObject(expected);
    expect(report.findings.map(({ code }) => code)).toEqual(codes);
  });

  test('an export that leaves out the newest checkpoint and its entries is caught by a checkpoint kept from earlier', async () => {
    const shortened = without(5, 6, 7, 8, 9, 10, 12);
    expect((await both(shortened)).ok).toBe(true);
    expect((await both(shortened, notes)).findings.map(({ code }) => code)).toEqual(['truncated']);
    expect((await both(lines, notes)).ok).toBe(true);
  });

  test('both verifiers agree on arbitrary damage, and never accept it in what was signed', async () => {
    const line = fc.integer({ min: 1, max: 12 });
    const damage = fc.oneof(
      fc.record({ kind: fc.constant('delete' as const), line }),
      fc.record({ kind: fc.constant('swap' as const), line, other: line }),
      fc.record({ kind: fc.constant('repeat' as const), line }),
      fc.record({
        kind: fc.constant('edit' as const),
        line,
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        character: fc.constantFrom('0', 'a', '"', '\\', '}', ' ', '\u2028', '\u00e9'),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const content = [...lines];
        for (const each of damages) {
          const text = content[each.line] ?? '';
          if (each.kind === 'delete') content.splice(each.line, 1);
          if (each.kind === 'repeat') content.splice(each.line, 0, text);
          if (each.kind === 'swap') [content[each.line], content[each.other]] = [content[each.other] ?? '', text];
          if (each.kind === 'edit') {
            const at = Math.floor(each.at * text.length);
            content[each.line] = text.slice(0, at) + each.character + text.slice(at + 1);
          }
        }
        const report = await both(content);
        const leaf = (each: string): unknown => (JSON.parse(each) as { leaf: string }).leaf;
        if (report.ok && report.anchored.to > 0)
          expect(content.slice(1, 1 + report.anchored.to).map(leaf)).toEqual(
            lines.slice(1, 1 + report.anchored.to).map(leaf),
          );
      }),
      { numRuns: 60 },
    );
  });

  test('the offline verifier demands a key from elsewhere', async () => {
    const file = await saved(lines);
    const silent = await offline(file);
    expect(silent).toMatchObject({ exitCode: 2, stdout: '' });
    expect(silent.stderr).toMatch(/key in the export: sha256:[0-9a-f]{64}\n.*cannot vouch for itself/s);
    expect(await offline(file, '--trust-embedded-key')).toMatchObject({ exitCode: 0 });
    const other = join(directory, 'other.pem');
    await writeFile(other, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
    expect(await offline(file, '--public-key', other)).toMatchObject({ exitCode: 1 });
    expect(await offline(keyFile, '--public-key', keyFile)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await offline(join(directory, 'missing'), '--public-key', keyFile)).toMatchObject({ exitCode: 2 });
  });

  test('ledger verify reads it too', async () => {
    const file = await saved(lines);
    expect(await runLedger('verify', file, '--public-key', keyFile)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('verified: demo, 10 entries, 2 checkpoints') as string,
    });
    expect(await runLedger('verify', await saved(change(6, 'allow', 'deny')), '--public-key', keyFile)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('leaf_edited at entry 5') as string,
    });
    expect(await runLedger('verify', file, '--public-key', keyFile, '--tenant', 'other')).toMatchObject({
      exitCode: 2,
    });
    expect(await runLedger('verify', keyFile, '--public-key', keyFile)).toMatchObject({ exitCode: 2 });
    expect(await runLedger('verify', file, '--public-key', join(directory, 'missing'))).toMatchObject({ exitCode: 2 });
    expect(
      await runLedger(
        'verify',
        '--public-key',
        keyFile,
        '--checkpoints',
        directory,
        '--database-url',
        log.database.workerUrl,
      ),
    ).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('auditor') as string });
  });
});

describe('ledger prove', () => {
  test('an entry is proved by number and by key, to somebody who has the public key alone', async () => {
    for (const which of ['0', '7', 'b/1']) {
      const { stdout, exitCode } = await runLedger('prove', which, '--tenant', tenant, ...sources());
      expect(exitCode).toBe(0);
      const file = await saved([stdout.trimEnd()], 'proof.json');
      const verified = await runLedger('verify', '--proof', file, '--public-key', keyFile);
      expect(verified.exitCode).toBe(0);
      expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, tenant, size: 8 });
      const proof = JSON.parse(stdout) as LedgerProof;
      for (const forged of [
        { ...proof, seq: proof.seq + 1 },
        { ...proof, leaf: proof.leaf.replace('"v":1', '"v":2') },
        { ...proof, proof: [] },
        { ...proof, checkpoint: notes[0] },
        {},
      ]) {
        const forgedFile = await saved([JSON.stringify(forged)], 'forged.json');
        expect((await runLedger('verify', '--proof', forgedFile, '--public-key', keyFile)).exitCode).toBe(1);
      }
    }
  });

  test.each([
    ['9', /not covered by a checkpoint yet/],
    ['none', /no entry with the key/],
  ])('%s has no proof', async (which, message) => {
    expect(await runLedger('prove', which, '--tenant', tenant, ...sources())).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(message) as string,
    });
  });
});
