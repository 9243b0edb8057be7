import { hash } from 'node:crypto';

/** RFC 6962 section 2.1: a leaf and an inner node can never have the same input, so neither passes for the other. */
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** The root of a log without entries. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

export function leafHash(leaf: string | Buffer): Buffer {
  return hash('sha256', Buffer.concat([LEAF, typeof leaf === 'string' ? Buffer.from(leaf) : leaf]), 'buffer');
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([NODE, left, right]), 'buffer');
}

/**
 * The right edge of a Merkle tree: the roots of its perfect subtrees, largest first, one per 1 bit of its size. Enough
 * to append and to tell the root, in memory that grows with the logarithm of the log.
 */
export class Frontier {
  readonly #subtrees: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    let subtree = leaf;
    // Each trailing 1 bit of the size is a subtree that the new one
    // completes. Division, because sizes may exceed 32 bits.
    for (let bits = this.#size; bits % 2 === 1; bits = (bits - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left === undefined) throw new Error('a frontier has one subtree per bit of its size');
      subtree = nodeHash(left, subtree);
    }
    this.#subtrees.push(subtree);
    this.#size += 1;
  }

  root(): Buffer {
    return this.#size === 0 ? EMPTY_ROOT : this.#subtrees.reduceRight((right, left) => nodeHash(left, right));
  }
}
