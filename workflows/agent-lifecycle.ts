import { CancellationScope, condition, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { type AgentState } from '../domain/agent-life';
import { setupAgent, type AgentProgress } from './agent-progress';
import { beginAnewIfLong } from './begin-anew';
import { type AgentLifecycleInput, isAgentLifecycleInput } from './contract/messages';
import { heard } from './heard';
import { offboard } from './offboard';
import { deciding } from './proxies';

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
    await beginAnewIfLong(agent);
    if (life.state === 'offboarding') await offboard(agent, progress);
    else await orUntil(() => progress.wakes() > seen, life.wakeInMs);
  }
}

async function orUntil(claim: () => boolean, ms: number | undefined): Promise<void> {
  if (ms === undefined) await condition(claim);
  else await condition(claim, ms, { summary: 'until nobody may let it in any more' });
}
