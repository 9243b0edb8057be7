import { type Checkpoint } from './checkpoint';
import { type CheckpointChain, type Restore } from './checkpoint-chain';
import { type Finding } from './ledger-report';
import { parseLeaf } from './parse-leaf';

/** The event of the entry in which an operator takes on that an older backup was restored. */
export const RESTORE_ACKNOWLEDGED = 'restore.acknowledged';

const nameOf = ({ size, root }: Pick<Checkpoint, 'size' | 'root'>): string => `${size} ${root.toString('base64')}`;

/**
 * What was signed before older backups were restored. It need not be in the log, if the log itself acknowledges that; what is gone with it is
 * told, and whoever verifies decides whether they knew.
 */
export class GivenUp {
  readonly #restores: ReadonlyMap<string, Restore>;
  readonly #names: ReadonlySet<string>;
  readonly #sizes: ReadonlySet<number>;
  readonly #kept = new Set<string>();
  readonly #acknowledged = new Set<string>();

  /** @param chains of every source that the verifier has: one of them may be older than the restore */
  constructor(chains: readonly Pick<CheckpointChain, 'restores'>[]) {
    const restores = chains.flatMap((chain) => chain.restores);
    this.#restores = new Map(restores.map((restore) => [restore.givenUp, restore]));
    const before = restores.flatMap((restore) => restore.before);
    this.#names = new Set(before.map(nameOf));
    this.#sizes = new Set(before.map(({ size }) => size));
  }

  has(checkpoint: Checkpoint): boolean {
    return this.#names.has(nameOf(checkpoint));
  }

  /** An entry as it comes by, in order. */
  see(seq: number, text: string): void {
    for (const { acknowledged, givenUp } of this.#restores.values()) {
      if (acknowledged !== seq) continue;
      const { event, checkpoint } = parseLeaf(text)?.entry ?? {};
      if (event === RESTORE_ACKNOWLEDGED && checkpoint === givenUp) this.#acknowledged.add(givenUp);
    }
  }

  /** The root of the first `size` entries. */
  compare(size: number, root: () => Buffer): void {
    if (this.#sizes.has(size)) this.#kept.add(nameOf({ size, root: root() }));
  }

  /** @param accepted those that the verifier knows of, by the entries that acknowledge them */
  tell(accepted: readonly number[]): { readonly findings: readonly Finding[]; readonly known: readonly Finding[] } {
    const told = [...this.#restores.values()].map((restore) => this.#tellOne(restore));
    const known = ({ code, seq = -1 }: Finding): boolean => code === 'restored' && accepted.includes(seq);
    return { findings: told.filter((one) => !known(one)), known: told.filter(known) };
  }

  #tellOne({ before, givenUp, acknowledged: seq }: Restore): Finding {
    if (!this.#acknowledged.has(givenUp))
      return {
        code: 'checkpoint_chain',
        seq,
        message: `a checkpoint gives up the one before it, and entry ${seq} does not acknowledge that`,
      };
    const signed = before.at(-1)?.size ?? 0;
    const kept = before
      .filter((one) => this.#kept.has(nameOf(one)))
      .reduce((largest, { size }) => Math.max(largest, size), 0);
    return {
      code: 'restored',
      seq,
      message: `an older backup was restored, as this entry acknowledges: of ${signed} entries that were signed, those after the first ${kept} are not vouched for in this log`,
    };
  }
}
