import { execFile } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { publicKeysOf } from '../../config/public-keys-of';
import { type CheckpointDeps, writeCheckpoint } from '../../db/checkpoint';
import { originOf, signCheckpoint, noteHash } from '../../evidence/checkpoint';
import { openChain, splitNotes } from '../../evidence/checkpoint-chain';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { isHandover } from '../../evidence/handover';
import { fingerprintOf } from '../../evidence/note';
import { createKeys } from '../../stack/create-keys';
import { rotateKey } from '../../stack/rotate-key';
import { replacedCheckpointKeys } from '../../worker/replaced-checkpoint-keys';
import { runLedger } from './command';
import { createTestLog, entries, type TestLog } from './log';

/* The key that signs checkpoints is replaced while the log grows. */

const tenant = 'acme';
let log: TestLog;
let keys: string;
let directory: string;
let exported: string;
const pem = (name: string): string => join(keys, name);
const signerOf = async (): Promise<KeyObject> => createPrivateKey(await readFile(pem('checkpoint.key.pem')));
/** As a worker that was started just now has it. */
const worker = async (): Promise<CheckpointDeps> => ({
  ...log.checkpoints,
  signer: await signerOf(),
  replaced: replacedCheckpointKeys(keys),
  memory: new Map(),
});
const notes = async (): Promise<readonly string[]> =>
  splitNotes(await readFile(checkpointFile(log.directory, tenant), 'utf8')).notes;

beforeAll(async () => {
  log = await createTestLog();
  directory = await mkdtemp(join(tmpdir(), 'countersign-key-change-'));
  keys = join(directory, 'keys');
  createKeys(keys);
  await log.ledger.append(tenant, entries('a', 3));
  await writeCheckpoint(await worker(), tenant);
  expect(rotateKey(keys, 'checkpoint')).toBe(1);
  await log.ledger.append(tenant, entries('b', 2));
  expect(await writeCheckpoint(await worker(), tenant)).toMatchObject({ outcome: 'written', size: 6 });
  await log.ledger.append(tenant, entries('c', 1));
  expect(await writeCheckpoint(await worker(), tenant)).toMatchObject({ outcome: 'written', size: 7 });
  const sources = ['--checkpoints', log.directory, '--database-url', log.database.auditorUrl];
  const own = ['--public-key', pem('retired/checkpoint-1.pub.pem'), '--public-key', pem('checkpoint.pub.pem')];
  const { stdout } = await runLedger('export', '--tenant', tenant, ...sources, ...own);
  exported = join(directory, 'export.jsonl');
  await writeFile(exported, stdout);
});
afterAll(async () => {
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

const offline = (...args: string[]): Promise<{ code: number; report: { ok?: boolean; findings?: unknown } }> =>
  new Promise((resolve) => {
    const script = join(packageRoot(), 'evidence', 'verify-ledger.mjs');
    execFile(process.execPath, [script, exported, ...args], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), report: stdout === '' ? {} : JSON.parse(stdout) });
    });
  });

test('the new key signs on, and the log itself says so, in words that the old one has signed', async () => {
  const { rows } = await log.auditor.query<{ leaf: string }>(
    `select leaf from ledger where tenant = $1 and leaf like '%checkpoint_key.replaced%'`,
    [tenant],
  );
  expect(rows).toHaveLength(1);
  const { entry } = JSON.parse(rows[0]?.leaf ?? '') as { entry: { handover: string } };
  const [old, next] = ['retired/checkpoint-1.pub.pem', 'checkpoint.pub.pem'].map((name) =>
    readFile(pem(name)).then(createPublicKey),
  );
  if (old === undefined || next === undefined) throw new Error('unreachable');
  expect(isHandover(entry.handover, await old, await next)).toBe(true);
  expect(isHandover(entry.handover, await old, log.publicKey)).toBe(false);
});

test('both verifiers accept the whole chain by both keys, and by neither alone', async () => {
  const [old, next] = [pem('retired/checkpoint-1.pub.pem'), pem('checkpoint.pub.pem')];
  const both = ['--public-key', old, '--public-key', next];
  expect(await offline(...both)).toMatchObject({ code: 0, report: { ok: true } });
  expect(await runLedger('verify', exported, ...both)).toMatchObject({ exitCode: 0 });
  for (const one of [old, next]) {
    expect(await offline('--public-key', one)).toMatchObject({ code: 1 });
    expect(await runLedger('verify', exported, '--public-key', one)).toMatchObject({ exitCode: 1 });
  }
  expect(await offline('--trust-embedded-key')).toMatchObject({ code: 0 });
});

test('a thief of the old key can sign nothing after the new one has', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const next = generateKeyPairSync('ed25519');
  const origin = originOf(tenant);
  const first = signCheckpoint({ origin, size: 1, root: Buffer.alloc(32, 1) }, privateKey);
  const second = signCheckpoint(
    { origin, size: 2, root: Buffer.alloc(32, 2), previous: noteHash(first) },
    next.privateKey,
  );
  const forged = signCheckpoint({ origin, size: 3, root: Buffer.alloc(32, 3), previous: noteHash(second) }, privateKey);
  expect(openChain([first, second], origin, publicKey, next.publicKey).findings).toEqual([]);
  expect(openChain([first, second, forged], origin, publicKey, next.publicKey).findings).toMatchObject([
    { code: 'checkpoint_signature', message: expect.stringContaining('replaced') },
  ]);
});

test('a key that follows no known one signs nothing: the loop refuses', async () => {
  const stranger = { ...(await worker()), signer: log.privateKey, replaced: [] };
  const before = (await notes()).length;
  await log.ledger.append(tenant, entries('d', 1));
  expect(await writeCheckpoint(stranger, tenant)).toMatchObject({ outcome: 'refused', code: 'checkpoint_unreadable' });
  expect(await notes()).toHaveLength(before);
});

test('two changes, killed and begun again: one entry each, and three keys verify', async () => {
  expect(rotateKey(keys, 'checkpoint')).toBe(2);
  const deps = await worker();
  await writeCheckpoint(deps, tenant);
  await writeCheckpoint(await worker(), tenant);
  const { rows } = await log.auditor.query<{ n: number }>(
    `select count(*)::integer as n from ledger where tenant = $1 and leaf like '%checkpoint_key.replaced%'`,
    [tenant],
  );
  expect(rows[0]?.n).toBe(2);
  const { current, retired } = publicKeysOf(keys, 'checkpoint');
  const all = [...retired.map((each) => each.pem), current].map((text) => createPublicKey(text));
  expect(openChain(await notes(), originOf(tenant), ...all).findings).toEqual([]);
});

test('replaced twice before the first of the new ones signed anything, each key still says who follows it', async () => {
  expect([rotateKey(keys, 'checkpoint'), rotateKey(keys, 'checkpoint')]).toEqual([3, 4]);
  // As one leaves it that was killed before it replaced the key.
  const half = readFileSync(pem('retired/checkpoint-4.pub.pem'));
  await writeFile(pem('retired/checkpoint-5.pub.pem'), half);
  await writeFile(pem('retired/checkpoint-5.handover'), readFileSync(pem('retired/checkpoint-4.handover')));
  await writeFile(pem('retired/checkpoint-4.handover'), 'a note about a key that never was');
  expect(await writeCheckpoint(await worker(), tenant)).toMatchObject({ outcome: 'written' });
  const { current, retired } = publicKeysOf(keys, 'checkpoint');
  const all = [...retired.map((each) => each.pem), current].map((text) => createPublicKey(text));
  const { rows } = await log.auditor.query<{ entry: { from: string; to: string; handover: string | null } }>(
    `select leaf::jsonb -> 'entry' as entry from ledger where tenant = $1 and leaf like '%checkpoint_key.replaced%' order by seq`,
    [tenant],
  );
  const chain = all.filter((key, i) => all[i + 1]?.equals(key) !== true);
  expect(rows.map(({ entry: { from, to } }) => [from, to])).toEqual(
    chain.slice(1).map((key, i) => [chain[i], key].map((each) => fingerprintOf(each ?? key))),
  );
  for (const [i, { entry }] of rows.entries()) {
    const [old, next] = chain.slice(i, i + 2);
    if (old === undefined || next === undefined) throw new Error('unreachable');
    expect(isHandover(entry.handover ?? '', old, next)).toBe(true);
  }
  expect(openChain(await notes(), originOf(tenant), ...all).findings).toEqual([]);
});
