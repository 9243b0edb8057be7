import { WorkflowNotFoundError } from '@temporalio/client';
import { type AgentMove } from '../db/change-agents';
import { type AgentState } from '../domain/agent-life';
import { Operator } from '../demo/lifecycle/operator';
import { waitUntil } from '../stack/wait-until';
import { largeInvoice, pay } from '../test/helpers/pay';
import { agentWorkflowId, STATUS_QUERY, TASK_QUEUES, WORKFLOW_TYPES } from '../workflows/contract/names';
import { type Recorder } from './recordings';

const TENANT = 'demo';

/** What agents are made of, and why people moved them; and what the one that asked for something asked for. */
export const AGENT_SECRETS: readonly string[] = [
  ...['Pay what is due.', 'model-7', 'The fleet of finance.', 'As the story goes.', 'Looked at it.', 'INV-', '250000'],
];

type Recording = (recorder: Recorder) => Promise<string>;

/** An agent in each state, which then ends; answers with the id of its workflow. */
export const AGENT_RECORDINGS: Readonly<Record<string, Recording>> = {
  onboarding: async (recorder) => {
    const { workflowId, proposal } = await registered(recorder, 'never-let-in');
    await as(recorder, 'carol').reject(proposal);
    return workflowId;
  },

  active: (recorder) => lived(recorder, 'ever-active'),
  throttled: (recorder) => lived(recorder, 'once-throttled', ['throttle', 'throttled']),
  read_only: (recorder) => lived(recorder, 'once-restricted', ['restrict', 'read_only']),
  ask_always: (recorder) => lived(recorder, 'once-always-asking', ['ask_always', 'ask_always']),
  paused: (recorder) => lived(recorder, 'once-paused', ['pause', 'paused'], ['resume', 'active']),
  quarantined: (recorder) => lived(recorder, 'once-quarantined', ['quarantine', 'quarantined']),

  /** With a key that is good still whenever it was ended: the receipt is refused until it has ended. */
  receipt_refused: async (recorder) => {
    const id = 'kept-by-a-key';
    const { workflowId, proposal } = await registered(recorder, id);
    await as(recorder, 'carol').confirm(proposal);
    await untilIn(recorder, workflowId, 'active');
    await recorder.owner.query(KEEP_KEYS);
    await recorder.owner.query(
      `insert into agent_keys (tenant, key_hash, agent, generation) values ($1, sha256('kept'), $2, 1)`,
      [TENANT, id],
    );
    await as(recorder, 'bob').move(id, 'offboard');
    await waitUntil(async () => (await cutOffs(recorder, id)) > 1, {
      what: 'No receipt was refused',
      withinMs: 30_000,
    });
    await recorder.owner.query('drop function keep_keys cascade');
    return workflowId;
  },

  /** By hand, in Temporal's UI, for an agent that nobody registered. */
  nobody: async ({ client }) => {
    const workflowId = agentWorkflowId(TENANT, 'nobody', 1);
    const args = [{ tenant: TENANT, agent: 'nobody', generation: 1 }];
    await client.workflow.start(WORKFLOW_TYPES.agentLifecycle, { workflowId, taskQueue: TASK_QUEUES.actions, args });
    return workflowId;
  },

  /** With something that waits for people. The demo's own agent, and so the last: nobody asks for anything afterwards. */
  offboarding: async (recorder) => {
    await pay(recorder, largeInvoice(), { waitMs: 1_000 });
    await as(recorder, 'bob').move('invoice-agent', 'offboard');
    return agentWorkflowId(TENANT, 'invoice-agent', 1);
  },
};

/** Keys that are ended are good still. */
const KEEP_KEYS = `
  create function keep_keys() returns trigger language plpgsql as 'begin new.revoked_at := null; return new; end';
  create trigger keep_keys before update of revoked_at on agent_keys for each row execute function keep_keys()`;

/** How often the agent's keys were ended, says the ledger. */
async function cutOffs({ auditor }: Recorder, id: string): Promise<number> {
  const told = await auditor.query(
    `select from ledger where tenant = $1 and key like 'agent/' || $2 || '/agent.cut_off/%'`,
    [TENANT, id],
  );
  return told.rowCount ?? 0;
}

function as({ gatewayUrl, adminUrl, people }: Recorder, name: 'bob' | 'carol'): Operator {
  return new Operator(name, { gateway: gatewayUrl, admin: adminUrl }, people[name].token);
}

async function registered(recorder: Recorder, id: string): Promise<{ workflowId: string; proposal: string }> {
  const proposal = await as(recorder, 'bob').register({ id, owner: 'alice' });
  const workflowId = agentWorkflowId(TENANT, id, 1);
  await untilIn(recorder, workflowId, 'onboarding');
  return { workflowId, proposal };
}

/** Registered, let in, moved to each of these, and offboarded. */
async function lived(
  recorder: Recorder,
  id: string,
  ...moves: readonly (readonly [AgentMove, AgentState])[]
): Promise<string> {
  const { workflowId, proposal } = await registered(recorder, id);
  await as(recorder, 'carol').confirm(proposal);
  await untilIn(recorder, workflowId, 'active');
  for (const [move, state] of moves) {
    await as(recorder, 'bob').move(id, move);
    await untilIn(recorder, workflowId, state);
  }
  await as(recorder, 'bob').move(id, 'offboard');
  return workflowId;
}

/** Its workflow has seen it. */
async function untilIn({ client }: Recorder, workflowId: string, state: AgentState): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const seen = async (): Promise<boolean> => {
    try {
      return (await handle.query<{ readonly state: string }, []>(STATUS_QUERY)).state === state;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false; // it was not started yet
      throw error;
    }
  };
  await waitUntil(seen, { what: `${workflowId} did not see that it is ${state}`, withinMs: 30_000 });
}
