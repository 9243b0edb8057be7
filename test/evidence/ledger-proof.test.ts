import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { signNote } from '../../evidence/note';
import { type LedgerProof, verifyProof } from '../../evidence/ledger-proof';
import { leafHash } from '../../evidence/merkle';
import { inclusionRanges, rootsOf } from '../../evidence/merkle-proofs';
import { lines, log, notes, publicKey, tenant } from './ten-entries';

const other = generateKeyPairSync('ed25519');
const leafOf = (seq: number): string => (JSON.parse(lines[seq + 1] ?? '') as { leaf: string }).leaf;
const hashes = log.said.map((_, seq) => leafHash(leafOf(seq)));

/** That entry number `seq` is among the first eight. */
async function proofOf(seq: number): Promise<LedgerProof> {
  const proof = (await rootsOf(inclusionRanges(seq, 8), hashes)).map((hash) => hash.toString('base64'));
  return { format: 'countersign-proof/1', tenant, seq, leaf: leafOf(seq), proof, checkpoint: notes[1] ?? '' };
}

const decodes = (...[one = '', two = '']: string[]): boolean =>
  Buffer.from(one, 'base64').equals(Buffer.from(two, 'base64'));

it('an entry is proved to somebody who has nothing but the key', async () => {
  for (let seq = 0; seq < 8; seq += 1)
    expect(verifyProof(await proofOf(seq), publicKey)).toEqual({ ok: true, tenant, seq, size: 8 });
  expect(verifyProof(await proofOf(3), publicKey, other.publicKey)).toMatchObject({ ok: true });
});

it.each<[string, (proof: LedgerProof) => unknown, RegExp]>([
  ['another number', (proof) => ({ ...proof, seq: 4 }), /not that entry/],
  ['another tenant', (proof) => ({ ...proof, tenant: 'other' }), /not that entry/],
  ['another entry', (proof) => ({ ...proof, leaf: leafOf(4) }), /not that entry/],
  ['an edited entry', (proof) => ({ ...proof, leaf: proof.leaf.replace('allow', 'deny') }), /do not lead/],
  ['a text that is no entry', (proof) => ({ ...proof, leaf: '{}' }), /not that entry/],
  ['a hash less', (proof) => ({ ...proof, proof: proof.proof.slice(1) }), /do not lead/],
  ['an older checkpoint', (proof) => ({ ...proof, checkpoint: notes[0] }), /do not lead/],
  [
    'a checkpoint that nobody signed',
    (proof) => ({ ...proof, checkpoint: 'countersign/demo\n8\n' }),
    /not a signed note/,
  ],
  [
    'a note that is no checkpoint',
    (proof) => ({ ...proof, checkpoint: signNote('hello\n', 'countersign/demo', other.privateKey) }),
    /not signed by/,
  ],
  ['another format', (proof) => ({ ...proof, format: 'countersign-proof/2' }), /not a proof/],
  ['a hash that is too short', (proof) => ({ ...proof, proof: ['AAAA'] }), /not a proof/],
  [
    // Base64 leaves bits unused: it decodes to the same hash.
    'a hash in another spelling',
    (proof) => ({
      ...proof,
      proof: proof.proof.map((text) => {
        const other = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'].find(
          (letter) => letter !== text[42] && decodes(text, `${text.slice(0, 42)}${letter}=`),
        );
        return `${text.slice(0, 42)}${other ?? ''}=`;
      }),
    }),
    /not a proof/,
  ],
  ['a number below nought', (proof) => ({ ...proof, seq: -1 }), /not a proof/],
  ['nothing', () => undefined, /not a proof/],
])('%s proves nothing', async (_, change, problem) => {
  const report = verifyProof(change(await proofOf(3)), publicKey);
  expect(report).toMatchObject({ ok: false, problem: expect.stringMatching(problem) as string });
});

it('without a key nothing is proved', async () => {
  expect(verifyProof(await proofOf(3))).toMatchObject({ ok: false });
  expect(verifyProof(await proofOf(3), createPublicKey(other.privateKey))).toMatchObject({ ok: false });
});
