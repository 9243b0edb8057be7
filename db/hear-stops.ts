import { type ClientBase } from 'pg';
import { onlyRow } from './only-row';

export interface HeardStops {
  /** Counts the moves of all fences. */
  readonly moves: number;
  /** Tenant and scope of all that is stopped; the tenant of `global` is `*`. */
  readonly closed: readonly (readonly [string, string])[];
}

/** Says what this process has heard so far, and hears what there is. */
export async function hearStops(
  client: Pick<ClientBase, 'query'>,
  { process, kind, heard }: { readonly process: string; readonly kind: 'gateway' | 'worker'; readonly heard: number },
): Promise<HeardStops> {
  const { rows } = await client.query<HeardStops>(
    'select moves::integer, closed from hear_stops($1::text, $2::text, $3::bigint)',
    [process, kind, heard],
  );
  return onlyRow(rows);
}
