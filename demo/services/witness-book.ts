import { appendFileSync } from 'node:fs';

/** One call that a target took or refused, in the target's own words: evidence that owes nothing to Countersign. */
export interface WitnessRecord {
  readonly service: string;
  /** Epoch milliseconds by the target's clock. */
  readonly at: number;
  /** `effect` changed something; `repeated` was answered from memory; `refused` changed nothing. */
  readonly kind: 'effect' | 'repeated' | 'refused';
  readonly operation: string;
  /** Of HTTP; a database has none. */
  readonly status?: number;
  /** Why it was refused. */
  readonly code?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly actionId?: string;
  readonly agentId?: string;
  /** The credential of the call: the id of its token, or the name of its login role. */
  readonly tokenId?: string;
  /** What was made, changed or removed. */
  readonly subject?: string;
  readonly invoiceId?: string;
  /** What was paid or posted; negative where that was taken back. Absent where no money is in it. */
  readonly amountMinor?: number;
  readonly currency?: string;
}

export interface WitnessBook {
  /** Throws if the record cannot be kept; then the service must not act. */
  write(record: WitnessRecord): void;
  records(): readonly WitnessRecord[];
}

/** Keeps records in memory and, one JSON line each, in a file that is only ever appended to. */
export function openWitnessBook(path: string): WitnessBook {
  const records: WitnessRecord[] = [];
  return {
    write: (record) => {
      // Synchronous on purpose: the line is there before the effect is answered.
      appendFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
      records.push(record);
    },
    records: () => records,
  };
}
