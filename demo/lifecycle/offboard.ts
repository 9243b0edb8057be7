import { setTimeout as sleep } from 'node:timers/promises';
import { countersign } from './commands';
import { type Stage } from './stage';

/** How soon after a command the worker is killed: in the middle of what it does about it. */
const KILL_AFTER_MS = 300;
const WITHIN_MS = 120_000;

/** An agent with something in every stage is taken out of service, and the worker is killed twice meanwhile. Answers with its receipt, as JSON. */
export async function offboard(stage: Stage): Promise<string> {
  const { fleet, bob, approver, services, killWorker, tell, ended, home } = stage;
  tell.chapter('An agent with something in every stage is offboarded, and the worker is killed twice');
  const [agent] = fleet;
  if (agent === undefined) throw new Error('There is no fleet.');
  const { faults } = services.payments;
  // Paid, and nobody heard of it: the outcome has to be found out.
  void faults.failNext({ operation: 'createPayment', invoiceId: 'REPLY-LOST', how: 'drop-reply' });
  // The bank refuses, so that the booking is taken back; and it hangs in the middle of another one.
  void faults.failNext({ operation: 'createPayment', invoiceId: 'REFUSED', how: 'refuse' });
  const hangs = faults.failNext({ operation: 'createPayment', invoiceId: 'HANGS', how: 'hang' });
  const waiting = await agent.ask(250_000, 'NOBODY-ANSWERS');
  const approved = await agent.ask(250_000, 'COUNTERSIGNED');
  const handles = [waiting, approved];
  for (const invoiceId of ['REPLY-LOST', 'REFUSED', 'HANGS']) handles.push(await agent.ask(100, invoiceId));
  await hangs;
  await approver.decide({ actionId: approved.id }, 'approve', 'It is due.');
  await bob.move(agent.id, 'offboard');
  await sleep(KILL_AFTER_MS);
  killWorker();
  tell.note('kill -9.');
  await sleep(3_000);
  killWorker();
  tell.note('kill -9, once more.');
  const deadline = performance.now() + WITHIN_MS;
  while ((await bob.stateOf(agent.id)) !== 'offboarded') {
    if (performance.now() > deadline) throw new Error('The agent was not offboarded in two minutes.');
    await sleep(250);
  }
  const { rows } = await stage.auditor.query<{ id: string; kind: string }>(
    'select action as id, state as kind from actions where action = any ($1::text[])',
    [handles.map(({ id }) => id)],
  );
  ended.push(...rows);
  tell.note(
    `Its five actions ended: ${rows
      .map(({ kind }) => kind)
      .sort()
      .join(', ')}.`,
  );
  return await receiptOf(home, agent.id);
}

/** As soon as a checkpoint covers it. */
async function receiptOf(home: string, agent: string): Promise<string> {
  for (let tried = 0; ; tried++) {
    try {
      return await countersign(home, ['receipt', 'export', agent, '--tenant', 'demo']);
    } catch (error) {
      if (tried === 20) throw error;
      await sleep(500);
    }
  }
}
