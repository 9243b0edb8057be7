import { createHandOver } from '../../activities/departures/hand-over';
import { changePeople, type PeopleResult } from '../../db/change-people';
import { findDeparture } from '../../db/find-departure';
import { seedTenant } from '../helpers/seed';
import { createWorkshop, type Workshop } from '../helpers/workshop';
import { type World } from '../helpers/world';

/** A tenant in which people leave: adam says so. Alice owns the seeded agent, oscar made it; olaf, olga and otto operate; henry is to inherit. */
export interface Departing {
  readonly tenant: string;
  readonly deps: Workshop['deps'];
  /** `$1` is the tenant. */
  sql<T extends object>(text: string, ...more: unknown[]): Promise<T[]>;
  leave(person: string, agentsTo?: string): Promise<PeopleResult>;
  /** What the workflow does. Answers with how many pages it took. */
  handOver(person: string, deps?: Pick<Workshop['deps'], 'db'>): Promise<number>;
  /** What became of what, by outcome. */
  of(person: string): Promise<Record<string, readonly string[]>>;
  /** Events of entries whose keys are like this, in order. */
  told(pattern: string): Promise<string[]>;
  /** Unsent, by kind. */
  messages(): Promise<object[]>;
  /** From here on they are new. */
  sendMessages(): Promise<void>;
}

export async function createDeparting(world: World): Promise<Departing> {
  const tenant = await seedTenant(world);
  const { deps } = createWorkshop(world);
  const sql: Departing['sql'] = (text, ...more) => world.rows(text, [tenant, ...more]);
  await sql(
    `insert into people (tenant, person, name, roles) select $1, p, p, r::text[]
     from (values ('adam', '{admin}'), ('olaf', '{operator}'), ('olga', '{operator}'), ('otto', '{operator}'), ('henry', '{owner}')) v (p, r)`,
  );
  return {
    ...{ tenant, deps, sql },
    leave: (person, agentsTo) =>
      world.as('gateway', tenant, (client) => {
        const what = { do: 'leave', ...(agentsTo !== undefined && { agentsTo }) } as const;
        return changePeople(client, tenant, { actor: 'adam', person, reason: 'went to sea' }, what);
      }),
    handOver: async (person, { db } = deps) => {
      const [row] = await sql<{ departure: string }>(
        'select departure from departures where tenant = $1 and person = $2',
        person,
      );
      const page = createHandOver({ db });
      let pages = 1;
      while (!(await page({ tenant, departure: row?.departure ?? '' })).finished) pages++;
      return pages;
    },
    of: async (person) => {
      const found = await world.as('gateway', tenant, (client) => findDeparture(client, tenant, person));
      return Object.fromEntries((found?.became ?? []).map(({ outcome, subjects }) => [outcome, subjects]));
    },
    told: async (pattern) => {
      const entries = await sql<{ event: string }>(
        `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where tenant = $1 and key ~ $2 order by seq`,
        pattern,
      );
      return entries.map(({ event }) => event);
    },
    messages: () =>
      sql(
        'select kind, count(*)::integer as n from outbox where tenant = $1 and done_at is null group by kind order by kind',
      ),
    sendMessages: async () => void (await sql('update outbox set done_at = now() where tenant = $1')),
  };
}
