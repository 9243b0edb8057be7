import { z } from '@hono/zod-openapi';
import { ID_PATTERN } from '../../domain/ids';
import { changePerson } from '../change-person';
import { newLogin } from '../new-login';
import { defineRoute } from '../route';
import { freeText } from '../shapes';

/** The database ends a login after ninety days, whatever is asked for. */
const MAX_HOURS = 90 * 24;

export const adminIssueLogin = defineRoute({
  method: 'post',
  path: '/v1/admin/people/{id}/logins',
  tag: 'operators',
  summary: 'Issue a login token, which is shown once',
  description:
    'Whoever holds it is that person. Hand it over where nobody else reads it; the ledger says who issued it.',
  who: 'admin',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({ hours: z.number().int().min(1).max(MAX_HOURS), reason: freeText }),
    example: { hours: 720, reason: 'First login.' },
  },
  answers: {
    200: {
      description: 'The token, and the id by which it can be revoked.',
      schema: z.object({ person: z.string(), id: z.string(), token: z.string() }),
      example: { person: 'dana', id: '5f1c0a9b2d3e4f50', token: 'countersign_person_…' },
    },
  },
  refusals: ['second_person_needed', 'reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: person, body: { hours, reason } }) => {
    const { token, tokenHash, id } = newLogin();
    const issue = { do: 'issue_login', tokenHash: tokenHash.toString('hex'), login: id, hours } as const;
    await changePerson(deps, tenant, { actor, person, reason }, [issue]);
    return { status: 200, body: { person, id, token } };
  },
});
