import { createHash } from 'node:crypto';
import { EMPTY_ROOT, Frontier, leafHash, nodeHash } from '../../evidence/merkle';
import {
  consistencyRanges,
  inclusionRanges,
  rootsOf,
  verifyConsistency,
  verifyInclusion,
} from '../../evidence/merkle-proofs';

/** The definition of RFC 6962, section 2.1, word for word. */
const definedRoot = (leaves: readonly Buffer[]): Buffer => {
  const [only] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)));
};

const rootOf = (leaves: readonly Buffer[]): Buffer => {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
};

const LEAVES = Array.from({ length: 65 }, (_, i) => leafHash(`leaf ${i}`));

/** From Certificate Transparency's own tests (merkle_tree_test): inputs, and the root after each. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree', () => {
  test('has the known roots', () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(new Frontier().root()).toEqual(EMPTY_ROOT);
    const frontier = new Frontier();
    for (const [i, input] of INPUTS.entries()) {
      frontier.append(leafHash(Buffer.from(input, 'hex')));
      expect(frontier.root().toString('hex')).toBe(ROOTS[i]);
    }
  });

  test('a frontier gives the defined root at every size', () => {
    for (let n = 0; n <= 65; n += 1) expect(rootOf(LEAVES.slice(0, n))).toEqual(definedRoot(LEAVES.slice(0, n)));
  });

  test('a leaf never passes for a node', () => {
    const [a, b] = [leafHash('a'), leafHash('b')];
    expect(leafHash(Buffer.concat([a, b]))).not.toEqual(nodeHash(a, b));
  });

  test('every entry of every tree up to 64 has a proof, which fits nothing else', async () => {
    for (let size = 1; size <= 64; size += 1) {
      const root = rootOf(LEAVES.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        const proof = await rootsOf(inclusionRanges(index, size), LEAVES.slice(0, size));
        const leaf = LEAVES[index] ?? EMPTY_ROOT;
        expect(verifyInclusion({ leaf, index, size, root, proof })).toBe(true);
        expect(verifyInclusion({ leaf: leafHash('other'), index, size, root, proof })).toBe(false);
        expect(verifyInclusion({ leaf, index: (index + 1) % size, size, root, proof })).toBe(size === 1);
        expect(verifyInclusion({ leaf, index, size, root: leafHash('other'), proof })).toBe(false);
        expect(verifyInclusion({ leaf, index, size, root, proof: [...proof, root] })).toBe(false);
        if (proof.length > 0) expect(verifyInclusion({ leaf, index, size, root, proof: proof.slice(1) })).toBe(false);
        expect(verifyInclusion({ leaf, index: size, size, root, proof })).toBe(false);
      }
    }
  });

  test('every tree up to 64 is proved to begin with every smaller one', async () => {
    for (let size = 1; size <= 64; size += 1) {
      const root = rootOf(LEAVES.slice(0, size));
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const oldRoot = rootOf(LEAVES.slice(0, oldSize));
        const proof = await rootsOf(consistencyRanges(oldSize, size), LEAVES.slice(0, size));
        const claim = { oldSize, oldRoot, size, root, proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: leafHash('other') })).toBe(false);
        expect(verifyConsistency({ ...claim, root: leafHash('other') })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...proof, root] })).toBe(false);
        if (proof.length > 0) expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
      }
    }
  });

  test('claims about sizes that no log has are no proofs', () => {
    const [root = EMPTY_ROOT, leaf = EMPTY_ROOT] = LEAVES;
    for (const [index, size] of [
      [-1, 1],
      [0, 0],
      [0.5, 1],
      [0, 1.5],
      [NaN, 1],
      [0, NaN],
      [0, Infinity],
    ] as const)
      expect(verifyInclusion({ leaf, index, size, root: leaf, proof: [] })).toBe(false);
    for (const [oldSize, size] of [
      [0, 1],
      [2, 1],
      [0.5, 1],
      [1, 1.5],
      [1.5, 1.5],
      [NaN, NaN],
      [Infinity, Infinity],
    ] as const)
      expect(verifyConsistency({ oldSize, oldRoot: root, size, root, proof: [] })).toBe(false);
    expect(verifyConsistency({ oldSize: 3, oldRoot: root, size: 4, root, proof: [] })).toBe(false);
    expect(verifyConsistency({ oldSize: 2, oldRoot: root, size: 2, root, proof: [root] })).toBe(false);
    expect(verifyConsistency({ oldSize: 2, oldRoot: root, size: 2, root: leaf, proof: [] })).toBe(false);
  });

  test('proofs outside the log are refused', async () => {
    expect(() => inclusionRanges(3, 3)).toThrow(RangeError);
    expect(() => consistencyRanges(0, 3)).toThrow(RangeError);
    expect(() => consistencyRanges(4, 3)).toThrow(RangeError);
    await expect(rootsOf(inclusionRanges(0, 4), LEAVES.slice(0, 3))).rejects.toThrow(/ends at 3, before entry 3/);
  });
});
