import { setImmediate } from 'node:timers/promises';

/** An entry in the form in which it crosses to Postgres. */
export interface LedgerRow {
  readonly key: string;
  readonly entry: string;
  readonly body: string | null;
}

/** Half of what `ledger_append` takes, so that a batch stays near ten milliseconds of the tenant's lock. */
const MAX_BATCH_ROWS = 500;
/** Half of what `ledger_append` takes. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/**
 * Some two seconds of work at the measured rate: whoever waited longer would time out anyway, and memory stays bounded.
 */
const MAX_WAITING_ROWS = 50_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** The ledger cannot keep up. Nothing of the call was recorded: whatever depends on the entry must not happen. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError';
  constructor() {
    super('the ledger has too many entries waiting; nothing of this call was recorded');
  }
}

interface Waiting {
  readonly rows: readonly LedgerRow[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Coalesces appends: per tenant one statement at a time, and everything that arrives meanwhile goes with the next. No
 * timer is involved: a lone producer never waits for company.
 */
export class LedgerQueue {
  readonly #write: (tenant: string, rows: readonly LedgerRow[]) => Promise<void>;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #writing = new Set<string>();
  #rows = 0;
  #bytes = 0;

  constructor(write: (tenant: string, rows: readonly LedgerRow[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the rows are committed. Rows of one call share one statement. */
  async add(tenant: string, rows: readonly LedgerRow[]): Promise<void> {
    const bytes = rows.reduce((sum, row) => sum + bytesOf(row), 0);
    if (rows.length > MAX_BATCH_ROWS || bytes > MAX_BATCH_BYTES) {
      throw new RangeError(`one append takes at most ${MAX_BATCH_ROWS} entries and ${MAX_BATCH_BYTES} bytes`);
    }
    if (this.#rows + rows.length > MAX_WAITING_ROWS || this.#bytes + bytes > MAX_WAITING_BYTES)
      throw new LedgerBusyError();
    this.#rows += rows.length;
    this.#bytes += bytes;
    const done = new Promise<void>((resolve, reject) => {
      const queue = this.#waiting.get(tenant) ?? [];
      queue.push({ rows, bytes, resolve, reject });
      this.#waiting.set(tenant, queue);
    });
    if (!this.#writing.has(tenant)) void this.#writeAll(tenant);
    await done;
  }

  /** Never rejects: each failure goes to the callers of its batch. */
  async #writeAll(tenant: string): Promise<void> {
    this.#writing.add(tenant);
    for (;;) {
      // Callers whose entries were just written often bring the next ones
      // at once: a turn of the event loop lets them join.
      await setImmediate();
      const batch = this.#nextBatch(tenant);
      if (batch.length === 0) break;
      try {
        await this.#write(
          tenant,
          batch.flatMap((call) => call.rows),
        );
        for (const call of batch) call.resolve();
      } catch (error) {
        for (const call of batch) call.reject(error);
      }
      for (const call of batch) {
        this.#rows -= call.rows.length;
        this.#bytes -= call.bytes;
      }
    }
    this.#writing.delete(tenant);
    this.#waiting.delete(tenant);
  }

  #nextBatch(tenant: string): Waiting[] {
    const queue = this.#waiting.get(tenant) ?? [];
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const call of queue) {
      rows += call.rows.length;
      bytes += call.bytes;
      if (rows > MAX_BATCH_ROWS || bytes > MAX_BATCH_BYTES) break;
      count += 1;
    }
    return queue.splice(0, count);
  }
}

function bytesOf(row: LedgerRow): number {
  return (
    Buffer.byteLength(row.key) + Buffer.byteLength(row.entry) + (row.body === null ? 0 : Buffer.byteLength(row.body))
  );
}
