import { createDecidingActivities, type DecidingActivities } from '../../activities';
import { type ActionRef, type DecidingDeps } from '../../activities/deps';
import { actionTypeIn, judge } from '../../activities/judge';
import { createReadDecided } from '../../activities/read-decided';
import { type Waiting, waitingOf } from '../../activities/read-verdict';
import { type ActionRecord } from '../../db/load-action';
import { type ActionType } from '../../domain/documents';
import { spendingOf } from '../../domain/spending';
import { otherwise } from './otherwise';

export interface Asked {
  readonly bundleDigest: string;
  readonly steps: readonly string[];
  readonly waiting: Waiting;
}

export interface DecidingVerbs extends Pick<DecidingActivities, 'readVerdict' | 'settle'> {
  decide(ref: ActionRef): Promise<void>;
  holdBudget(ref: ActionRef): Promise<void>;
  openApproval(ref: ActionRef): Promise<Asked>;
}

/** What decides about an approved action, each verb with a transaction of its own and its own word to the ledger, made of Countersign's queries. */
export function createDecidingVerbs(deps: DecidingDeps): DecidingVerbs {
  const { db, ledger, pdp } = deps;
  const { readVerdict, settle } = createDecidingActivities(deps);
  const readDecided = createReadDecided(db);
  const typeOf = (action: ActionRecord): ActionType =>
    actionTypeIn(pdp().catalogue, action) ?? otherwise('another version of its type');

  return {
    readVerdict,
    settle,

    async decide({ tenant, actionId }: ActionRef): Promise<void> {
      const { action, decision } = await db.withTenant(tenant, async (client) => {
        const action = found(await db.lockAction(client, tenant, actionId));
        const { input, decision } = judge(pdp(), action);
        const record = { actionId, round: action.round, stage: 'initial', decision, input, budgeted: true };
        await db.recordDecision(client, tenant, record);
        return { action, decision };
      });
      const { round, digest } = action;
      const { effect, chains, bundleDigest } = decision;
      const entry = { action: actionId, round, digest, effect, chains, bundleDigest };
      const key = `action/${actionId}/decided/${String(round)}`;
      await ledger.append(tenant, [{ key, event: 'action.decided', entry }]);
    },

    async holdBudget({ tenant, actionId }: ActionRef): Promise<void> {
      await db.withTenant(tenant, async (client) => {
        const action = found(await db.loadAction(client, tenant, actionId));
        const spending = spendingOf(typeOf(action), pdp().catalogue.data, action);
        if (spending.kind !== 'spends' || !(await db.holdBudget(client, tenant, actionId, spending)))
          otherwise(spending.kind);
      });
    },

    async openApproval({ tenant, actionId }: ActionRef): Promise<Asked> {
      const { catalogue } = pdp();
      const action = await db.withTenant(tenant, async (client) => {
        const action = found(await db.loadAction(client, tenant, actionId));
        const { environment, round, digest, decidedChains } = action;
        const chains = (decidedChains ?? []).flatMap((id) => catalogue.chains[id] ?? []);
        if (!(await db.openApproval(client, tenant, { actionId, environment, round, digest, chains })))
          otherwise('nobody to ask');
        return action;
      });
      const { stored, approval } = await readDecided(action);
      if (stored === undefined || approval === undefined) return otherwise('not asked');
      const entry = { action: actionId, request: approval.request, digest: approval.digest };
      // By the name of the nearest thing that a worker tells: the ledger takes nothing else of it.
      const key = `approval/${approval.request}/reminded/0`;
      await ledger.append(tenant, [{ key, event: 'approval.reminded', entry: { ...entry, reminder: 0 } }]);
      const steps = typeOf(action).steps.map(({ id }) => id);
      return { bundleDigest: stored.bundleDigest, steps, waiting: waitingOf(approval, false) };
    },
  };
}

function found(action: ActionRecord | undefined): ActionRecord {
  return action ?? otherwise('no action');
}
