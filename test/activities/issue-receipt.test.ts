import { createIssueReceipt } from '../../activities/agents/issue-receipt';
import { AGENT } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

it('an agent whose receipt was written, and whose worker died before it could say so, is not looked at for ever', async () => {
  await world.rows(`update agents set state = 'offboarding', state_since = clock_timestamp() where tenant = $1`, [
    tenant,
  ]);
  const issue = (): Promise<object> => createIssueReceipt(workshop.deps)({ tenant, agent: AGENT.id, generation: 1 });
  expect([await issue(), await issue()]).toEqual([{ issued: true }, { issued: true }]);
  expect(await world.rows('select agent from receipts where tenant = $1', [tenant])).toEqual([{ agent: AGENT.id }]);
});
