import { type Pool } from 'pg';
import { type Surface } from '../domain/surface';
import { appendWithin, type LedgerEntry } from './ledger';
import { withTenant } from './with-tenant';

const ALL = `
  select surface, channel, place, external_id as "externalId", version::float8 as version, state,
    (extract(epoch from clock_timestamp() - intended_at) * 1000)::float8 as "ageMs"
  from surfaces where tenant = $1::text and request = $2::text order by intended_at, surface`;

const INTEND = `
  insert into surfaces (tenant, request, surface, channel, place) values ($1::text, $2::text, $3::text, $4::text, $5::text)
  on conflict do nothing`;

const SHOWN = `
  update surfaces set state = 'shown', version = $4::bigint, external_id = $5::text, shown_digest = $6::text, shown_at = clock_timestamp(), last_code = null
  where tenant = $1::text and request = $2::text and surface = $3::text`;

const GONE = `
  update surfaces set state = 'gone', last_code = $4::text where tenant = $1::text and request = $2::text and surface = $3::text`;

export interface StoredSurfaces {
  list(): Promise<Surface[]>;
  /** True: this is the first time that it is intended. */
  readonly intend: (surface: string, channel: Surface['channel'], place: string) => Promise<boolean>;
  /** `entry`: what the ledger is to say of it, in the same transaction. */
  shown(surface: string, version: number, externalId: string, digest: string, entry?: LedgerEntry): Promise<void>;
  readonly gone: (surface: string, code: string) => Promise<void>;
}

/** The messages that show one request. Each statement is committed on its own, before and after what it is about is sent. */
export function surfacesOf(pool: Pool, tenant: string, request: string): StoredSurfaces {
  const run = async (text: string, values: readonly unknown[]): Promise<number> =>
    await withTenant(
      pool,
      tenant,
      async (client) => (await client.query(text, [tenant, request, ...values])).rowCount ?? 0,
    );
  return {
    list: async () =>
      await withTenant(pool, tenant, async (client) => (await client.query<Surface>(ALL, [tenant, request])).rows),
    intend: async (surface, channel, place) => (await run(INTEND, [surface, channel, place])) === 1,
    shown: async (surface, version, externalId, digest, entry) =>
      await withTenant(pool, tenant, async (client) => {
        await client.query(SHOWN, [tenant, request, surface, version, externalId, digest]);
        if (entry !== undefined) await appendWithin(client, tenant, [entry]);
      }),
    gone: async (surface, code) => void (await run(GONE, [surface, code])),
  };
}
