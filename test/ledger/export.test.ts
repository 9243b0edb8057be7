import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { writeCheckpoint } from '../../db/checkpoint';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { type LedgerProof } from '../../evidence/ledger-proof';
import { type LedgerReport } from '../../evidence/ledger-report';
import { splitNotes } from '../../evidence/checkpoint-chain';
import { type BothVerifiers, createBothVerifiers } from '../evidence/both-verifiers';
import { type CommandResult, runLedger } from './command';
import { createTestLog, entries, keyOf, type TestLog } from './log';

let log: TestLog;
let verifiers: BothVerifiers;
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
  verifiers = createBothVerifiers();
  directory = await mkdtemp(join(tmpdir(), 'countersign-export-'));
  keyFile = join(directory, 'checkpoint.pub.pem');
  await writeFile(keyFile, log.publicKey.export({ type: 'spki', format: 'pem' }));
  await log.ledger.append(tenant, entries('a', 4, true));
  await writeCheckpoint(log.checkpoints, tenant);
  await log.ledger.append(tenant, [
    ...entries('b', 3, true),
    {
      key: 'action/separator/decided/1',
      event: 'action.decided',
      entry: { action: 'separator', round: 1, text: '\u2028\u2029\u{1f600}\u007f\\' },
    },
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
  await verifiers.close();
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

/** As both verifiers see it, the offline one as a process of its own. */
const both = async (content: readonly string[]): Promise<LedgerReport> => {
  const file = await saved(content);
  expect((await offline(file, '--public-key', keyFile)).exitCode).toBe(0);
  return await verifiers.report(content, log.publicKey);
};

const change = (index: number, from: string | RegExp, to: string): string[] => {
  expect(lines[index]).toMatch(from);
  return lines.map((line, i) => (i === index ? line.replace(from, to) : line));
};
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
      await runLedger('verify', file, '--public-key', keyFile, '--checkpoints', join(directory, 'missing')),
    ).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('holds no checkpoint of demo') as string,
    });
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
    for (const which of ['0', '7', keyOf('b', 1)]) {
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
