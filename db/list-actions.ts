import { type PoolClient } from 'pg';
import { ACTION_COLUMNS, type StoredAction } from './find-action';

export interface ActionFilter {
  /** Only those of this agent, in this generation. */
  readonly agent?: { readonly id: string; readonly generation: number };
  readonly state?: string;
  /** Only those in one of these. */
  readonly environments?: readonly string[];
  /** The last id of the page before. */
  readonly before?: string;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export async function listActions(client: PoolClient, tenant: string, filter: ActionFilter): Promise<StoredAction[]> {
  const { rows } = await client.query<StoredAction>(
    `select ${ACTION_COLUMNS} from actions
     where tenant = $1::text
       and ($2::text is null or (agent = $2::text and agent_generation = $3::integer))
       and ($4::text is null or state = $4::text)
       and ($5::text is null or action < $5::text)
       and ($6::text[] is null or environment = any ($6::text[]))
     order by action desc limit $7::integer`,
    [
      tenant,
      filter.agent?.id ?? null,
      filter.agent?.generation ?? null,
      filter.state ?? null,
      filter.before ?? null,
      filter.environments ?? null,
      filter.limit,
    ],
  );
  return rows;
}
