import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { noteHash, openCheckpoint, openCheckpointByAny, originOf, signCheckpoint } from '../../evidence/checkpoint';
import { openChain, splitNotes } from '../../evidence/checkpoint-chain';
import { leafHash } from '../../evidence/merkle';
import { NoteError, openNote, signNote } from '../../evidence/note';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const origin = originOf('demo');
const root = leafHash('x');

/** The example of Go's sumdb/note, where the format comes from. */
const PETER_KEY = 'ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

describe('signed notes', () => {
  test('the published example opens', () => {
    const spki = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from(PETER_KEY, 'base64').subarray(1),
    ]);
    const key = createPublicKey({ key: spki, type: 'spki', format: 'der' });
    expect(openNote(PETER_NOTE, { name: 'PeterNeumann', publicKey: key })).toContain('cryptography');
    expect(() =>
      openNote(PETER_NOTE.replace('problem,', 'Problem,'), { name: 'PeterNeumann', publicKey: key }),
    ).toThrow(/does not match/);
  });

  test('what was signed opens, for that key and that name alone', () => {
    const note = signNote('a\nb\n', 'me', privateKey);
    expect(openNote(note, { name: 'me', publicKey })).toBe('a\nb\n');
    expect(() => openNote(note, { name: 'you', publicKey })).toThrow(NoteError);
    expect(() => openNote(note, { name: 'me', publicKey: other.publicKey })).toThrow(/not signed by/);
    expect(() => openNote(note.replace('a\n', 'A\n'), { name: 'me', publicKey })).toThrow(/does not match/);
    expect(() => openNote(note.trimEnd(), { name: 'me', publicKey })).toThrow(NoteError);
  });

  test('the signature of a witness beside ours does no harm', () => {
    const witness = signNote('a\n', 'witness', other.privateKey).split('\n').at(-2) ?? '';
    expect(openNote(`${signNote('a\n', 'me', privateKey)}${witness}\n`, { name: 'me', publicKey })).toBe('a\n');
  });

  test('a note that would fill the memory is not opened', () => {
    const witness = `${signNote('a\n', 'witness', other.privateKey).split('\n').at(-2) ?? ''}\n`;
    const note = signNote('a\n', 'me', privateKey);
    const padded = (length: number): string =>
      note + `\u2014 w ${'A'.repeat(length - note.length - witness.length - 5)}\n` + witness;
    expect(openNote(padded(16_384), { name: 'me', publicKey })).toBe('a\n');
    expect(() => openNote(padded(16_385), { name: 'me', publicKey })).toThrow(/larger than/);
  });

  test.each([
    ['a line before the dash', (line: string) => `x${line}`],
    ['a line that goes on', (line: string) => `${line} x`],
    ['no signature', () => '\u2014 witness'],
    ['no line at all', () => ''],
  ])('%s makes a signature line malformed', (_, change) => {
    const witness = signNote('a\n', 'witness', other.privateKey).split('\n').at(-2) ?? '';
    const note = `${signNote('a\n', 'me', privateKey)}${change(witness)}\n`;
    expect(() => openNote(note, { name: 'me', publicKey })).toThrow(NoteError);
  });

  test('a signature of ours has one spelling, though base64 leaves bits unused', () => {
    const note = signNote('a\n', 'me', privateKey);
    const encoded = note.slice(note.lastIndexOf(' ') + 1, -1);
    const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/']
      .map((letter) => encoded.replace(/.=$/, `${letter}=`))
      .filter((text) => text !== encoded && Buffer.from(text, 'base64').equals(Buffer.from(encoded, 'base64')));
    expect(others).toHaveLength(3);
    for (const other of others)
      expect(() => openNote(note.replace(encoded, other), { name: 'me', publicKey })).toThrow(/malformed/);
  });

  test('a text that nobody could have signed with us is none, however well signed', () => {
    const signature = signNote('a\n', 'me', privateKey).split('\n').at(-2) ?? '';
    expect(() => openNote(`a\rb\n\n${signature}\n`, { name: 'me', publicKey })).toThrow(/control characters/);
    expect(() => openNote(`\n\n${signature}\n`, { name: 'me', publicKey })).toThrow(NoteError);
  });

  test.each(['', 'a b', 'a+b', ' a', 'a+'])('%j is no name of a key', (name) => {
    expect(() => signNote('a\n', name, privateKey)).toThrow(/neither spaces nor plus signs/);
  });

  test('notes are signed with Ed25519 alone', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(() => signNote('a\n', 'me', rsa.privateKey)).toThrow(/Ed25519/);
    expect(() => openNote(signNote('a\n', 'me', privateKey), { name: 'me', publicKey: rsa.publicKey })).toThrow(
      /Ed25519/,
    );
  });

  test.each([[''], ['a'], ['a\n\nb\n'], ['a\rb\n'], ['a\u001b[31m\n']])('the text %j is refused', (text) => {
    expect(() => signNote(text, 'me', privateKey)).toThrow(NoteError);
  });
});

const sign = (size: number, previous?: string, key = privateKey): string =>
  signCheckpoint({ origin, size, root, ...(previous !== undefined && { previous: noteHash(previous) }) }, key);

describe('checkpoints', () => {
  test('say origin, size, root and the one before', () => {
    const first = sign(3);
    expect(first.split('\n').slice(0, 5)).toEqual([
      'countersign/demo',
      '3',
      root.toString('base64'),
      'previous none',
      '',
    ]);
    expect(openCheckpoint(first, origin, publicKey)).toEqual({ origin, size: 3, root });
    expect(openCheckpoint(sign(4, first), origin, publicKey).previous).toBe(noteHash(first));
    expect(() => openCheckpoint(first, originOf('other'), publicKey)).toThrow(NoteError);
    expect(() => openCheckpoint(signNote('countersign/demo\nhello\n', origin, privateKey), origin, publicKey)).toThrow(
      /not a checkpoint/,
    );
  });

  test('a chain opens, and a file of it splits into it', () => {
    const notes = [sign(1)];
    for (const size of [5, 9]) notes.push(sign(size, notes.at(-1)));
    const file = notes.map((note) => `${note}\n`).join('');
    expect(splitNotes(file)).toEqual({ notes, rest: '' });
    expect(splitNotes(file.slice(0, -1)).notes).toEqual(notes.slice(0, -1));
    const chain = openChain(notes, origin, publicKey);
    expect(chain.findings).toEqual([]);
    expect(chain.checkpoints.map(({ size }) => size)).toEqual([1, 5, 9]);
  });

  test.each<[string, (notes: string[]) => string[], string[]]>([
    ['one left out', ([a = '', , c = '']) => [a, c], ['checkpoint_chain']],
    ['the first left out', ([, b = '', c = '']) => [b, c], ['checkpoint_chain']],
    ['one added', ([a = '', b = '', c = '']) => [a, b, sign(6, a), c], ['checkpoint_chain', 'checkpoint_chain']],
    ['one signed by another key', ([a = '', b = '']) => [a, b, sign(9, b, other.privateKey)], ['checkpoint_signature']],
    ['sizes that go back', ([a = '', b = '']) => [a, b, sign(2, b)], ['checkpoint_chain']],
    ['one edited', ([a = '', b = '', c = '']) => [a, b, c.replace('\n9\n', '\n8\n')], ['checkpoint_signature']],
  ])('%s is found', (_, change, codes) => {
    const notes = [sign(1)];
    for (const size of [5, 9]) notes.push(sign(size, notes.at(-1)));
    expect(openChain(change(notes), origin, publicKey).findings.map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ['of another log', `countersign/other\n3\n${root.toString('base64')}\nprevious none\n`, /another log/],
    [
      'with more entries than can be counted',
      `${origin}\n9999999999999999\n${root.toString('base64')}\nprevious none\n`,
      /more entries/,
    ],
    ['with a line more', `${origin}\n3\n${root.toString('base64')}\nprevious none\nmore\n`, /not a checkpoint/],
    ['with a line before', `x y\n${origin}\n3\n${root.toString('base64')}\nprevious none\n`, /not a checkpoint/],
    ['without a size', `${origin}\n0\n${root.toString('base64')}\nprevious none\n`, /not a checkpoint/],
    ['with half a root', `${origin}\n3\nAAAA\nprevious none\n`, /not a checkpoint/],
  ])('a note %s is no checkpoint of this one, though its key signed it', (_, text, message) => {
    expect(() => openCheckpoint(signNote(text, origin, privateKey), origin, publicKey)).toThrow(message);
  });

  test('where the key was replaced, the newest that signed it says so, and without any nothing opens', () => {
    const keys = [publicKey, other.publicKey];
    expect(openCheckpointByAny(sign(3), origin, keys)).toMatchObject({ by: 0, checkpoint: { size: 3 } });
    expect(openCheckpointByAny(sign(3, undefined, other.privateKey), origin, keys)).toMatchObject({ by: 1 });
    expect(openCheckpointByAny(sign(3), origin, [publicKey, publicKey])).toMatchObject({ by: 1 });
    expect(() => openCheckpointByAny(sign(3), origin, [])).toThrow(/no key/);
    // What the newest key says of it is told: it is the one that should have signed.
    const changed = sign(3, undefined, other.privateKey).replace('\n3\n', '\n4\n');
    expect(() => openCheckpointByAny(changed, origin, keys)).toThrow(/does not match/);
    expect(() => openCheckpointByAny('hello', origin, keys)).toThrow(/not a signed note/);
    expect(() => openCheckpointByAny(sign(3), origin, [undefined as never])).toThrow(/no key/);
  });

  test('no key signs after its successor has', () => {
    const first = sign(1);
    const next = sign(5, first, other.privateKey);
    const keys = [publicKey, other.publicKey];
    const open = (...notes: string[]) => openChain(notes, origin, ...keys).findings.map(({ code }) => code);
    expect(open(first, next, sign(9, next, other.privateKey))).toEqual([]);
    expect(open(first, next, sign(9, next))).toEqual(['checkpoint_signature']);
    const back = sign(9, next);
    expect(open(first, next, back, sign(11, back))).toEqual(['checkpoint_signature', 'checkpoint_signature']);
  });

  test('what is wrong with a checkpoint is said by its number', () => {
    const first = sign(1);
    expect(openChain([first, sign(5)], origin, publicKey).findings).toMatchObject([
      { code: 'checkpoint_chain', message: expect.stringMatching(/^checkpoint 2 /) as string },
    ]);
    expect(openChain([first, sign(1, first)], origin, publicKey).findings).toMatchObject([
      { code: 'checkpoint_chain', message: 'checkpoint 2 counts 1 entries, the one before it 1' },
    ]);
  });

  test('one after a backup was restored may be smaller, if an entry that it covers says so', () => {
    const first = sign(5);
    const restored = (size: number, acknowledged: number, previous: string | undefined = first): string =>
      signCheckpoint(
        { origin, size, root, acknowledged, ...(previous !== '' && { previous: noteHash(previous) }) },
        privateKey,
      );
    const chain = openChain([first, restored(4, 3)], origin, publicKey);
    expect(chain).toMatchObject({
      findings: [],
      restores: [{ before: [{ size: 5 }], givenUp: noteHash(first), acknowledged: 3 }],
    });
    const codesOf = (...notes: string[]) => openChain(notes, origin, publicKey).findings.map(({ code }) => code);
    expect(codesOf(first, restored(4, 4))).toEqual(['checkpoint_chain']);
    expect(codesOf(first, restored(4, 3, sign(3)))).toEqual(['checkpoint_chain', 'checkpoint_chain']);
    expect(openChain([restored(4, 3, '')], origin, publicKey).restores).toEqual([]);
  });

  test('of a file that is being written the whole notes are read', () => {
    const file = `${sign(1)}\n`;
    expect(splitNotes('')).toEqual({ notes: [], rest: '' });
    expect(splitNotes(`${file}${file}`).notes).toHaveLength(2);
    for (let cut = 0; cut < file.length; cut += 1)
      expect(splitNotes(file + file.slice(0, cut))).toEqual({ notes: [sign(1)], rest: file.slice(0, cut) });
  });
});
