import { type StoredAction } from '../db/find-action';
import { markWoken } from '../db/mark-woken';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps, type StartableAction } from './deps';
import { within } from './within';

/** A start takes milliseconds. Whoever does not want to wait for an answer still wants the start to be heard. */
const MIN_START_MS = 5_000;

/** Starts an action's workflow and waits for its first answer, at most `waitMs`. Whatever goes wrong is left to the outbox. */
export async function startAction(
  deps: GatewayDeps,
  action: StartableAction,
  startId: string | undefined,
  waitMs: number,
): Promise<void> {
  const { tenant } = action;
  const started = deps.background.run('start', async () => {
    const answer = await deps.submit(action, Math.max(waitMs, MIN_START_MS));
    if (answer === 'answered' && startId !== undefined)
      await withTenant(deps.pool, tenant, (client) => markWoken(client, tenant, [startId]));
  });
  await within(waitMs, started, deps.background.ending);
}

/** What Temporal has to know of a stored action. */
export function startable(
  tenant: string,
  { id, agent, team, type, risk }: Pick<StoredAction, 'id' | 'agent' | 'team' | 'type' | 'risk'>,
): StartableAction {
  return { tenant, actionId: id, agent, team, type, risk };
}
