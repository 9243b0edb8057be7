import { z } from '@hono/zod-openapi';
import { listStops, stopScope } from '../../db/stops';
import { unheardBy } from '../../db/unheard-by';
import { withTenant } from '../../db/with-tenant';
import { exampleStop, exampleUnheard, reason, stop, unheard } from '../agent-shapes';
import { changed } from '../changed-agent';
import { defineRoute } from '../route';

const scope = z
  .string()
  .regex(/^(tenant|team:.+|agent:.+|action-type:.+)$/, 'must be tenant, team:<x>, agent:<x> or action-type:<x>')
  .max(150);

export const adminStop = defineRoute({
  method: 'post',
  path: '/v1/admin/stops',
  tag: 'operators',
  summary: 'Stop a scope: nothing in it begins once this is answered',
  description:
    'One row, however many agents it stops; no workflow is asked. What had begun is listed until it is settled, and undone where more of it was to ' +
    'come. A stop of what is stopped already is another stop, which has to be lifted anew. An action type is one of the catalogue in force, or of something open.',
  who: 'member',
  body: { schema: z.strictObject({ scope, reason }), example: { scope: 'team:finance', reason: exampleStop.reason } },
  answers: {
    200: {
      description: 'What is stopped by it, and who has not confirmed it yet.',
      schema: stop.extend({ unheard }),
      example: { ...exampleStop, unheard: exampleUnheard },
    },
  },
  refusals: ['not_found', 'reason_required'],
  handle: async ({ deps, caller: { tenant, id: actor }, body }) => {
    const stopped = await changed(deps, tenant, async (client) => {
      const result = await stopScope(client, tenant, { actor, reason: body.reason }, body.scope);
      if ('refused' in result) return result;
      const found = (await listStops(client, tenant)).find((each) => each.scope === body.scope);
      return found ?? { refused: 'not_found' as const };
    });
    await deps.stops.hear(); // whoever answers knows it too
    const deaf = await withTenant(deps.pool, tenant, (client) => unheardBy(client));
    return { status: 200, body: { ...stopped, unheard: deaf } };
  },
});
