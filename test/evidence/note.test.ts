import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { noteHash, openCheckpoint, originOf, signCheckpoint } from '../../evidence/checkpoint';
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
});
