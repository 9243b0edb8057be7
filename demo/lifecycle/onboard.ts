import { type Stage } from './stage';

/** Bob registers twenty-five agents of Alice's; Carol lets them in. Until then none of them may act. */
export async function onboard({ fleet, bob, carol, tell, ended }: Stage): Promise<void> {
  tell.chapter(`${String(fleet.length)} agents are registered, and let in by somebody else`);
  for (const agent of fleet) {
    const proposal = await bob.register({ id: agent.id, owner: 'alice' });
    await carol.confirm(proposal);
  }
  await Promise.all(fleet.map((agent) => agent.enrol()));
  tell.note(
    'Each has a state, a version by digest, a key that it made itself, and a workflow that goes with it to its end.',
  );
  ended.push(...(await Promise.all(fleet.map((agent) => agent.pay()))));
  tell.note(`Each has paid an invoice.`);
}
