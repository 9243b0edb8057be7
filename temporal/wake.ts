import { type WorkflowStartOptions } from '@temporalio/client';
import { type Workflow, WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import { type DepartureInput } from '../workflows/contract/messages';
import { WAKE_SIGNAL, WORKFLOW_TYPES } from '../workflows/contract/names';
import { type ActionStart, actionStartOptions } from './action-start';
import { type AgentStart, agentStartOptions } from './agent-start';
import { type TemporalClient } from './connect';
import { departureStartOptions } from './departure-start';

/** The outbox has more to do than to wait for one answer, and sends again what failed. */
const DEADLINE_MS = 5_000;

/** `closed`: the workflow has come to its end, so there is nobody to tell. Whether there should be, Postgres knows. */
export type Woken = 'woken' | 'closed';

/** `again`: also start one that has come to its end. The rows make that harmless: nothing is decided or done twice. */
export interface HowToWake {
  readonly again?: boolean;
}

export interface Waker {
  /**
   * Starts the action's workflow unless it runs, and tells it that something was written in Postgres. Safe to repeat. Throws where Temporal
   * does not answer.
   */
  wake(action: ActionStart, how?: HowToWake): Promise<Woken>;
  /** The same for an agent's. */
  wakeAgent(agent: AgentStart, how?: HowToWake): Promise<Woken>;
  /** The same for that of somebody's departure. */
  wakeDeparture(departure: DepartureInput, how?: HowToWake): Promise<Woken>;
}

export function createWaker(client: TemporalClient): Waker {
  const send = async <W extends Workflow>(
    type: string,
    options: WorkflowStartOptions<W>,
    { again = false }: HowToWake = {},
  ): Promise<Woken> => {
    const reuse = again ? { workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE } : {};
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.signalWithStart(type, {
          ...options,
          ...reuse,
          signal: WAKE_SIGNAL,
          signalArgs: [],
        } as never),
      );
      return 'woken';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed';
      throw error;
    }
  };
  return {
    wake: (action, how) => send(WORKFLOW_TYPES.governedAction, actionStartOptions(action), how),
    wakeAgent: (agent, how) => send(WORKFLOW_TYPES.agentLifecycle, agentStartOptions(agent), how),
    wakeDeparture: (departure, how) => send(WORKFLOW_TYPES.departure, departureStartOptions(departure), how),
  };
}
