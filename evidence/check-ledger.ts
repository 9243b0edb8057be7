import { hash } from 'node:crypto';
import { type Checkpoint } from './checkpoint';
import { type CheckpointChain } from './checkpoint-chain';
import { GivenUp } from './given-up';
import { type Finding, type FindingCode, type LedgerReport, type Warning } from './ledger-report';
import { Frontier, leafHash } from './merkle';
import { type Leaf, parseLeaf } from './parse-leaf';

/** One entry as a database or an export shows it, in the order in which it came. */
export interface LeafRecord {
  readonly seq: number;
  readonly leaf: string;
  /** The stored leaf hash. It tells an edited entry from its neighbours; what it cannot tell, the checkpoints do. */
  readonly hash: Buffer;
  /** The columns that repeat what the leaf says; `null` where there are none (an export). */
  readonly columns: {
    readonly tenant: string;
    readonly key: string;
    readonly at: string;
    readonly body: string | null;
  } | null;
  /** `null`: erased, or never there; `undefined`: not looked at. */
  readonly body: { readonly text: string; readonly salt: Buffer } | null | undefined;
}

/** The commitment that a leaf holds instead of its body. */
export function commitmentOf(body: string, salt: Buffer): string {
  const committed = Buffer.concat([Buffer.from('countersign/body/v1\0'), salt, Buffer.from(body)]);
  return `sha256:${hash('sha256', committed, 'hex')}`;
}

/** Whether this is the body that a leaf commits to. With a salt of another length, the beginning of a body could be passed off as its end. */
export function isCommitted({ text, salt }: NonNullable<LeafRecord['body']>, commitment: string | null): boolean {
  return salt.length === 32 && commitmentOf(text, salt) === commitment;
}

/**
 * Verifies one tenant's log while it streams by, in memory that does not grow with it: each entry by itself, then all
 * of them against the signed checkpoints. After the first bad entry only the checkpoints are still compared: what
 * follows a deleted entry is displaced, not wrong.
 */
export class LedgerCheck {
  readonly #tenant: string;
  /** Those that the log has to bear out. */
  readonly #checkpoints: readonly Checkpoint[];
  readonly #givenUp: GivenUp;
  readonly #acceptedRestores: readonly number[];
  readonly #findings: Finding[];
  readonly #warnings: Warning[] = [];
  readonly #frontier = new Frontier();
  #next = 0;
  #anchoredTo = 0;
  #diverged = false;
  #firstBad: number | undefined;
  #lastAt = '';
  #erased = 0;

  /**
   * @param chains of every source that the verifier has; their signatures have been verified
   * @param findings of before the entries
   * @param acceptedRestores entries that acknowledge a restored backup of which the verifier knows
   */
  constructor(
    tenant: string,
    chains: readonly CheckpointChain[],
    {
      findings = [],
      acceptedRestores = [],
    }: { readonly findings?: readonly Finding[]; readonly acceptedRestores?: readonly number[] | undefined } = {},
  ) {
    this.#tenant = tenant;
    this.#givenUp = new GivenUp(chains);
    this.#checkpoints = chains
      .flatMap(({ checkpoints }) => checkpoints)
      .filter((checkpoint) => !this.#givenUp.has(checkpoint))
      .sort((a, b) => a.size - b.size);
    this.#findings = [...findings, ...chains.flatMap((chain) => chain.findings)];
    this.#acceptedRestores = acceptedRestores;
  }

  add(record: LeafRecord): void {
    if (this.#firstBad === undefined) this.#checkEntry(record);
    this.#givenUp.see(this.#frontier.size, record.leaf);
    this.#frontier.append(leafHash(record.leaf));
    this.#givenUp.compare(this.#frontier.size, () => this.#frontier.root());
    this.#compareRoots();
  }

  finish(): LedgerReport {
    const size = this.#frontier.size;
    const largest = this.#checkpoints.at(-1);
    const { findings, known } = this.#givenUp.tell(this.#acceptedRestores);
    this.#findings.push(...findings);
    this.#warnings.push(...known.map((one) => ({ ...one, code: 'restored' as const })));
    if (largest !== undefined && largest.size > size) {
      this.#findings.push({
        code: 'truncated',
        seq: size,
        before: largest.size,
        message: `a checkpoint counts ${largest.size} entries, the log has ${size}`,
      });
    }
    if (largest === undefined && size > 0) {
      this.#findings.push({
        code: 'not_anchored',
        seq: 0,
        message: 'no valid checkpoint: whoever can write the log could have made all of it',
      });
    }
    if (largest === undefined && size === 0)
      this.#warnings.push({ code: 'empty', message: 'the log has neither entries nor checkpoints' });
    if (this.#anchoredTo > 0 && this.#anchoredTo < size) {
      this.#warnings.push({
        code: 'unanchored_tail',
        seq: this.#anchoredTo,
        message: `${size - this.#anchoredTo} entries came after the last checkpoint`,
      });
    }
    return {
      ok: this.#findings.length === 0,
      tenant: this.#tenant,
      size,
      root: this.#frontier.root().toString('base64'),
      anchored: { from: 0, to: this.#anchoredTo },
      unanchored: { from: this.#anchoredTo, to: size },
      checkpoints: this.#checkpoints.length,
      erasedBodies: this.#erased,
      ...(this.#firstBad !== undefined && { firstBad: this.#firstBad }),
      findings: this.#findings,
      warnings: this.#warnings,
    };
  }

  #compareRoots(): void {
    for (
      let due = this.#checkpoints[this.#next];
      due?.size === this.#frontier.size;
      due = this.#checkpoints[this.#next]
    ) {
      this.#next += 1;
      if (this.#diverged) continue;
      if (due.root.equals(this.#frontier.root())) {
        this.#anchoredTo = due.size;
        continue;
      }
      this.#diverged = true;
      this.#findings.push({
        code: 'root_mismatch',
        seq: this.#anchoredTo,
        before: due.size,
        message: `entries ${this.#anchoredTo} to ${due.size - 1} are not those that were signed: rewritten, or another log`,
      });
    }
  }

  #checkEntry(record: LeafRecord): void {
    const seq = this.#frontier.size;
    if (record.seq !== seq) return this.#bad('sequence', seq, `entry ${seq} is expected here, ${record.seq} found`);
    const leaf = parseLeaf(record.leaf);
    if (leaf === undefined) return this.#bad('malformed_leaf', seq, 'the leaf is not a canonical entry of version 1');
    if (!leafHash(record.leaf).equals(record.hash))
      return this.#bad('leaf_edited', seq, 'the leaf and its stored hash differ');
    if (leaf.seq !== seq) return this.#bad('entry_moved', seq, `the leaf says that it is entry ${leaf.seq}`);
    if (leaf.tenant !== this.#tenant) return this.#bad('wrong_tenant', seq, 'the leaf belongs to another tenant');
    this.#checkColumns(seq, leaf, record.columns);
    this.#checkBody(seq, leaf, record.body);
    if (leaf.at < this.#lastAt)
      this.#warnings.push({ code: 'time_backwards', seq, message: `${leaf.at} comes after ${this.#lastAt}` });
    this.#lastAt = leaf.at;
  }

  #checkColumns(seq: number, leaf: Leaf, columns: LeafRecord['columns']): void {
    if (columns === null) return;
    for (const column of ['tenant', 'key', 'at', 'body'] as const) {
      if (columns[column] !== leaf[column])
        return this.#bad('column_mismatch', seq, `the column for "${column}" contradicts the leaf`);
    }
  }

  #checkBody(seq: number, leaf: Leaf, body: LeafRecord['body']): void {
    if (body === undefined || (body === null && leaf.body === null)) return;
    if (body === null) this.#erased += 1;
    else if (!isCommitted(body, leaf.body))
      this.#bad('body_mismatch', seq, 'the body is not the one that the leaf commits to');
  }

  #bad(code: FindingCode, seq: number, message: string): void {
    this.#firstBad ??= seq;
    this.#findings.push({ code, seq, message });
  }
}
