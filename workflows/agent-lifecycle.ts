import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { type AgentState } from '../domain/agent-life';
import { setupAgent, type AgentProgress } from './agent-progress';
import { type AgentLifecycleInput, isAgentLifecycleInput } from './contract/messages';
import { heard } from './heard';
import { offboard } from './offboard';
import { deciding } from './proxies';

/** Some two hundred changes of an agent: far below what makes a history slow to replay. */
const EVENTS_UNTIL_NEW = 1_000;

// An agent lives for years: its workflow goes on with the code of whichever release is current. Workers without versions must not say so.
setWorkflowOptions(
  () =>
    (workflowInfo().currentDeploymentVersion?.deploymentName ?? '') === ''
      ? {}
      : { versioningBehavior: 'AUTO_UPGRADE' },
  agentLifecycle,
);

/**
 * One generation of an agent, from its registration to the receipt that nothing of it was left. Nothing an agent does waits for this: what it
 * may do, Postgres says. As with an action, a cancellation by hand is not obeyed; operators move agents through the gateway.
 */
export async function agentLifecycle(input: AgentLifecycleInput): Promise<{ readonly state: AgentState | 'unknown' }> {
  const progress = setupAgent();
  if (!isAgentLifecycleInput(input)) return { state: 'unknown' }; // started by hand, with who knows what
  return await CancellationScope.nonCancellable(() => run(input, progress));
}

async function run(agent: AgentLifecycleInput, progress: AgentProgress): Promise<{ state: AgentState | 'unknown' }> {
  for (;;) {
    const seen = progress.wakes();
    const life = await heard(() => deciding.readLife(agent));
    if (life.kind === 'gone') return { state: 'unknown' };
    progress.enter(life.state, `Owned by ${life.owner}.`);
    if (life.state === 'offboarded') return { state: 'offboarded' };
    if (life.state === 'offboarding') await offboard(agent, progress);
    else await orUntil(() => progress.wakes() > seen, life.wakeInMs);
    if (isLong()) await begunAnew(agent);
  }
}

/** Deadlines are absolute and in Postgres: whoever begins anew waits for what is left of them. */
async function begunAnew(agent: AgentLifecycleInput): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof agentLifecycle>(agent);
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > EVENTS_UNTIL_NEW;
}

async function orUntil(claim: () => boolean, ms: number | undefined): Promise<void> {
  if (ms === undefined) await condition(claim);
  else await condition(claim, ms, { summary: 'until nobody may let it in any more' });
}
