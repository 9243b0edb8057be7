import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { noteHash, originOf, signCheckpoint } from '../../evidence/checkpoint';
import { ExportError, readExportLines } from '../../evidence/ledger-export';
import { verifyExport } from '../../evidence/verify-export';
import { type BothVerifiers, createBothVerifiers } from './both-verifiers';
import { change, first, lines, log, notes, publicKey, sign, tenant, withNotes, without } from './ten-entries';
import { signedNotes } from './written-ledger';

const other = generateKeyPairSync('ed25519');

let verifiers: BothVerifiers;
beforeAll(() => {
  verifiers = createBothVerifiers();
});
afterAll(() => verifiers.close());

const key = (): string => verifiers.saved('a.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());

it('the offline verifier demands a key from elsewhere', async () => {
  const silent = await verifiers.offline(lines);
  expect(silent).toMatchObject({ exitCode: 2, stdout: '' });
  expect(silent.stderr).toMatch(/key in the export: sha256:[0-9a-f]{64}\n.*cannot vouch for itself/s);
  expect(await verifiers.offline(lines, '--trust-embedded-key')).toMatchObject({ exitCode: 0 });
  const pem = other.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(await verifiers.offline(lines, '--public-key', verifiers.saved('other.pem', pem))).toMatchObject({
    exitCode: 1,
  });
});

it('the offline verifier takes no key but Ed25519', async () => {
  const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = verifiers.saved('rsa.pem', rsa.export({ type: 'spki', format: 'pem' }).toString());
  expect(await verifiers.offline(lines, '--public-key', file)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('not an Ed25519 key') as string,
  });
});

it.each<[string, string | RegExp, string]>([
  ['format', 'countersign-ledger/1', 'countersign-ledger/2'],
  ['origin', 'countersign/demo', 'countersign/demi'],
  ['tenant', '"tenant":"demo"', '"tenant":null'],
  ['tenant, which is no name', /demo/g, String.raw`de\u001b[2Kmo`],
  ['key', /"publicKey":"[^"]*"/, '"publicKey":7'],
  ['word on bodies', '"bodies":true', '"bodies":"yes"'],
])('both verifiers refuse an export with another %s', async (_, from, to) => {
  expect(await verifiers.offline(change(0, from, to), '--public-key', key())).toMatchObject({
    exitCode: 2,
    stdout: '',
  });
  const file = verifiers.saved('header.jsonl', change(0, from, to).join('\n'));
  await expect(verifyExport(file, [publicKey])).rejects.toThrow(ExportError);
});

it('both verifiers refuse a line that would fill the memory', async () => {
  const long = [...lines, 'x'.repeat(5 * 1024 * 1024)];
  expect(await verifiers.offline(long, '--public-key', key())).toMatchObject({ exitCode: 2, stdout: '' });
  await expect(verifyExport(verifiers.saved('long.jsonl', long.join('\n')), [publicKey])).rejects.toThrow(ExportError);
});

it('the offline verifier is told where the key was replaced, and lets no key sign after its successor', async () => {
  const pem = other.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const [older, newer] = [key(), verifiers.saved('newer.pem', pem)];
  const keys = ['--public-key', older, '--public-key', newer];
  const byNewer = signedNotes({ ...log, sizes: [8] }, other.privateKey)[0] ?? '';
  const handedOver = byNewer.slice(0, byNewer.indexOf('previous none'));
  expect(handedOver).not.toBe('');
  const next = signCheckpoint(
    {
      origin: originOf(tenant),
      size: 8,
      root: Buffer.from(handedOver.split('\n')[2] ?? '', 'base64'),
      previous: noteHash(first),
    },
    createPrivateKey(other.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  expect(await verifiers.offline(withNotes(first, next), ...keys)).toMatchObject({ exitCode: 0 });
  expect(await verifiers.offline(withNotes(first, next), '--public-key', newer)).toMatchObject({ exitCode: 1 });
  const backwards = await verifiers.offline(withNotes(first, next, sign(9, next)), ...keys);
  expect(backwards).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('had been replaced before') as string,
  });
});

it('an export that comes through a pipe, which cannot be read twice, is refused and not taken for an empty log', async () => {
  const bad = verifiers.saved('bad.jsonl', change(6, 'allow', 'deny').join('\n'));
  const script = join(__dirname, '../../evidence/verify-ledger.mjs');
  const piped = spawnSync('sh', [
    '-c',
    'cat "$1" | "$2" "$3" /dev/stdin --public-key "$4"',
    'sh',
    bad,
    process.execPath,
    script,
    key(),
  ]);
  expect([piped.status, piped.stdout.toString()]).toEqual([2, '']);
  const nothing = readExportLines(verifiers.saved('nothing.jsonl', ''), true);
  await expect(nothing.next()).rejects.toThrow(ExportError);
});

const keptText = notes.map((note) => `${note}\n`).join('');
it.each<[string, string]>([
  ['nothing', ''],
  ['lines that end otherwise', keptText.replaceAll('\n', '\r\n')],
  ['checkpoints of another log', keptText.replaceAll('countersign/demo', 'countersign/demi').slice(0, -1)],
  ['an export', lines.join('\n')],
  ['a note without the empty line after it', first],
])('the offline verifier does not go on as if nothing had been kept where the file holds %s', async (_, text) => {
  const kept = verifiers.saved('other.checkpoints', text);
  const shortened = without(5, 6, 7, 8, 9, 10, 12);
  const result = await verifiers.offline(shortened, '--public-key', key(), '--checkpoints', kept);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
});

it('a file that holds nothing is no export', async () => {
  await expect(verifyExport(verifiers.saved('empty.jsonl', ''), [publicKey])).rejects.toThrow(ExportError);
  expect(await verifiers.offline([], '--public-key', key())).toMatchObject({ exitCode: 2 });
});
