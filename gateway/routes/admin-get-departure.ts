import { findDeparture } from '../../db/find-departure';
import { readAsTenant } from '../../db/read-as-tenant';
import { ID_PATTERN } from '../../domain/ids';
import { departure, exampleDeparture } from '../people-shapes';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const adminGetDeparture = defineRoute({
  method: 'get',
  path: '/v1/admin/people/{id}/departure',
  tag: 'operators',
  summary: 'What became of what hung on a person who left',
  description:
    'Agents that were handed over, stopped or rejected; handed-over ones of which they were shown a key that is still good; requests that are ' +
    'left to others or to nobody; groups and teams that nobody is left in. It goes on by itself until `finishedAt`.',
  who: 'admin',
  idPattern: ID_PATTERN,
  answers: { 200: { description: 'As far as it has come.', schema: departure, example: exampleDeparture } },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, id }) => {
    const found = await readAsTenant(deps.pool, tenant, (client) => findDeparture(client, tenant, id));
    if (found === undefined) throw new RequestRefused('not_found');
    const { leftAt, finishedAt, became, ...named } = found;
    return {
      status: 200,
      body: {
        ...named,
        leftAt: leftAt.toISOString(),
        finishedAt: finishedAt?.toISOString() ?? null,
        became: [...became],
      },
    };
  },
});
