import { type Channel, type Recipient, type Shown, type Surfaces } from '../../channels/channel';
import { type Notice } from '../../domain/notice';
import { createTellPeople } from '../../loops/tell-people';
import { type ApprovalChain } from '../../domain/documents';
import { askPeople, seedAction, type SeededAction, seedTenant } from '../helpers/seed';
import { type World } from '../helpers/world';

type Show = Channel['show'];

export interface NoticeRow {
  readonly version: number;
  readonly shown: number;
  readonly due: boolean;
  readonly attempts: number;
  readonly code: string | null;
}

/** Channels that do as they are told, and the loop that speaks through them. */
export interface Telling {
  /** It remembers what for. */
  readonly channelOf: (name: Channel['name'], show: Show) => TestChannel;
  readonly round: (slack?: TestChannel, email?: TestChannel) => () => Promise<boolean>;
  readonly logged: unknown[];
}

export interface TestChannel extends Channel {
  readonly shows: { readonly notice: Notice; readonly recipients: readonly Recipient[] }[];
  readonly team: string;
  readonly tenant: string;
}

export const fine: Show = async () => ({ kind: 'shown' });
export const away: Show = async () => ({ kind: 'failed', code: 'slack.http_500' });

export function tellingOf(world: World, tenant: string): Telling {
  const logged: unknown[] = [];
  const log = {
    warn: (...all: unknown[]) => void logged.push(all),
    error: (...all: unknown[]) => void logged.push(all),
  };
  return {
    logged,
    channelOf: (name, show) => {
      const shows: TestChannel['shows'] = [];
      const told = async (notice: Notice, surfaces: Surfaces, recipients: readonly Recipient[]): Promise<Shown> => {
        shows.push({ notice, recipients });
        return await show(notice, surfaces, recipients);
      };
      return { name, show: told, shows, team: 'T1', tenant };
    },
    round: (slack, email) =>
      createTellPeople({
        ...{ pool: world.loops, catalogue: () => ({ actionTypes: {} }), log, failed: () => undefined },
        ...(slack && { slack }),
        ...(email && { email }),
      }),
  };
}

/** A request in a tenant of its own, of which nobody was told yet. Those of earlier tests are told. */
export async function openRequest(
  world: World,
  chain: ApprovalChain,
): Promise<{ tenant: string; action: SeededAction; telling: Telling }> {
  await world.rows('update notices set shown_version = version');
  const tenant = await seedTenant(world);
  const action = await seedAction(world, tenant);
  await askPeople(world, action, [chain]);
  return { tenant, action, telling: tellingOf(world, tenant) };
}

export async function readNotice(world: World, tenant: string, request: string): Promise<NoticeRow> {
  const [row] = await world.rows<NoticeRow>(
    `select version::float8 as version, shown_version::float8 as shown, attempts, last_code as code,
       shown_version < version and due_at <= clock_timestamp() as due from notices where tenant = $1 and request = $2`,
    [tenant, request],
  );
  if (row === undefined) throw new Error('there is no notice');
  return row;
}
