import { setTimeout as sleep } from 'node:timers/promises';
import { type FleetAgent } from './fleet';
import { type Stage } from './stage';

/** One agent is paused while somebody is asked, another one is quarantined for what it runs. What was countersigned meanwhile waits, and is looked at anew. */
export async function pauseAndQuarantine({ fleet, bob, approver, services, tell, ended }: Stage): Promise<void> {
  tell.chapter('One agent is paused, another one is quarantined');
  const [paused, quarantined] = [fleet[5], fleet[6]];
  if (paused === undefined || quarantined === undefined) throw new Error('The fleet is too small.');
  const handle = await paused.ask(250_000, 'WHILE-PAUSED');
  await approver.read({ actionId: handle.id }); // before that, nobody would be asked
  await bob.move(paused.id, 'pause');
  await approver.decide({ actionId: handle.id }, 'approve', 'It is due.');
  await sleep(1_500);
  const early = services.payments.book.records().filter(({ actionId }) => actionId === handle.id).length;
  if (early > 0) throw new Error('The bank saw a payment of a paused agent.');
  tell.note('A payment was countersigned while its agent was paused. The bank has seen nothing of it.');
  await bob.move(paused.id, 'resume');
  ended.push({ id: handle.id, kind: (await handle.result({ waitMs: 60_000 })).kind });
  tell.note('Resumed, it was looked at from scratch, and paid once.');
  quarantined.drift();
  await expectRefusal(quarantined, 'config_drift');
  if ((await bob.stateOf(quarantined.id)) !== 'quarantined')
    throw new Error('It runs what nobody registered, and acts.');
  tell.note(
    'The other one says that it runs something that nobody registered: it gets no token, and is in quarantine.',
  );
  quarantined.mend();
  await expectRefusal(quarantined, 'agent_not_active');
  tell.note(
    'As it was registered it is refused, too. It takes two people, neither of them its owner, to let it act again.',
  );
}

async function expectRefusal(agent: FleetAgent, code: string): Promise<void> {
  const { kind } = await agent.pay();
  if (kind !== code) throw new Error(`${agent.id} was answered ${kind}, and not ${code}.`);
}
