import { createRecordEnd } from '../../activities/record-end';
import { type Ending } from '../../activities/results';
import { takeStep } from '../../activities/step-in-hand';
import { begin, readyAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

it('I5 a twin that was frozen until another had settled the attempt tells no second end of it', async () => {
  const action = await readyAction(world, tenant);
  await begin(world, action);
  const hand = await takeStep(workshop.deps, { tenant, actionId: action.actionId, stepId: 'pay' });
  if (hand === undefined) throw new Error('there is no such step');
  const attempt = { attempt: 1, grantId: `${action.actionId}.pay.do.1` };
  const record = async (ending: Ending): Promise<void> =>
    void (await createRecordEnd(workshop.deps)(hand, attempt, ending, { kind: 'revoked' }));
  await record({ state: 'done', result: {} });
  await record({ state: 'unknown', code: 'target_no_answer' });
  const told = `select leaf::json -> 'entry' ->> 'event' as event from ledger where tenant = $1 and key like 'effect/%' order by seq`;
  const events = await world.rows<{ event: string }>(told, [tenant]);
  expect(events.map(({ event }) => event)).toEqual(['effect.begun', 'effect.done']);
});
