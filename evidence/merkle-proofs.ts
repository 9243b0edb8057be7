import { Frontier, nodeHash } from './merkle';

/** The entries `from` (inclusive) to `to` (exclusive). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The subtrees whose roots prove that entry `index` is in the tree of `size` entries (RFC 6962 section 2.1.1), from the
 * leaf upwards. Ranges instead of hashes: whoever has the log streams it once through {@link rootsOf}.
 */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`no entry ${index} in a log of ${size}`);
  const path: Range[] = [];
  let tree: Range = { from: 0, to: size };
  while (tree.to - tree.from > 1) {
    const [left, right] = split(tree);
    path.unshift(index < right.from ? right : left);
    tree = index < right.from ? left : right;
  }
  return path;
}

/**
 * The subtrees whose roots prove that the tree of `size` entries begins with the tree of `oldSize` (RFC 6962 section
 * 2.1.2).
 */
export function consistencyRanges(oldSize: number, size: number): readonly Range[] {
  if (!(oldSize > 0 && oldSize <= size)) throw new RangeError(`no log of ${size} begins with ${oldSize} entries`);
  const path: Range[] = [];
  let tree: Range = { from: 0, to: size };
  while (tree.to !== oldSize) {
    const [left, right] = split(tree);
    path.unshift(oldSize <= right.from ? right : left);
    tree = oldSize <= right.from ? left : right;
  }
  // The old tree itself needs no proof; a part of it that is a subtree of both does.
  return tree.from === 0 ? path : [tree, ...path];
}

/** The roots of disjoint subtrees, in one pass over the leaf hashes of the log. */
export async function rootsOf(
  ranges: readonly Range[],
  leafHashes: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<readonly Buffer[]> {
  const frontiers = ranges.map((range) => ({ range, frontier: new Frontier() }));
  let index = 0;
  for await (const leaf of leafHashes) {
    frontiers.find(({ range }) => index >= range.from && index < range.to)?.frontier.append(leaf);
    index += 1;
  }
  return frontiers.map(({ range, frontier }) => {
    if (frontier.size !== range.to - range.from)
      throw new RangeError(`the log ends at ${index}, before entry ${range.to - 1}`);
    return frontier.root();
  });
}

export interface InclusionClaim {
  readonly leaf: Buffer;
  readonly index: number;
  readonly size: number;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/** RFC 9162 section 2.1.3.2. */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let node = BigInt(index);
  let last = BigInt(size - 1);
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      computed = nodeHash(sibling, computed);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [node / 2n, last / 2n];
  }
  return last === 0n && computed.equals(root);
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Buffer;
  readonly size: number;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/** RFC 9162 section 2.1.4.2. */
export function verifyConsistency({ oldSize, oldRoot, size, root, proof }: ConsistencyClaim): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size) || oldSize < 1 || oldSize > size) return false;
  if (oldSize === size) return proof.length === 0 && oldRoot.equals(root);
  let node = BigInt(oldSize - 1);
  let last = BigInt(size - 1);
  while (node % 2n === 1n) [node, last] = [node / 2n, last / 2n];
  const path = node === 0n ? [oldRoot, ...proof] : [...proof];
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let oldComputed = first;
  let computed = first;
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      oldComputed = nodeHash(sibling, oldComputed);
      computed = nodeHash(sibling, computed);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [node / 2n, last / 2n];
  }
  return last === 0n && oldComputed.equals(oldRoot) && computed.equals(root);
}

/** RFC 6962: the left part is the largest power of two that is smaller than the whole. */
function split({ from, to }: Range): readonly [Range, Range] {
  let power = 1;
  while (power * 2 < to - from) power *= 2;
  return [
    { from, to: from + power },
    { from: from + power, to },
  ];
}
