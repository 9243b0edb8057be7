import { type StoredAction } from '../db/find-action';
import { markWoken } from '../db/mark-woken';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps, type StartableAction } from './deps';
import { within } from './within';

/** A start takes milliseconds. Whoever does not want to wait for an answer still wants the start to be heard. */
const MIN_START_MS = 5_000;

/** What there is to start. */
export interface Start {
  readonly action: StartableAction;
  /** The outbox row that asks for it; absent for an action that was recorded before. */
  readonly wakeId?: string;
}

/** Starts an action's workflow and waits for its first answer, at most `waitMs`. Whatever goes wrong is left to the outbox. */
export async function startAction(deps: GatewayDeps, { action, wakeId }: Start, waitMs: number): Promise<void> {
  const { tenant } = action;
  const answered = new Promise<void>((resolve) => {
    void deps.background
      .run('start', async () => {
        const answer = await deps.submit(action, Math.max(waitMs, MIN_START_MS));
        resolve(); // nobody waits for the outbox
        if (answer === 'answered' && wakeId !== undefined)
          await withTenant(deps.pool, tenant, (client) => markWoken(client, tenant, [wakeId]));
      })
      .then(resolve);
  });
  await within(waitMs, answered, deps.background.ending);
}

/** What Temporal has to know of a stored action. */
export function startable(
  tenant: string,
  { id, agent, team, type, risk }: Pick<StoredAction, 'id' | 'agent' | 'team' | 'type' | 'risk'>,
): StartableAction {
  return { tenant, actionId: id, agent, team, type, risk };
}
