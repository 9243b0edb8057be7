import { z } from '@hono/zod-openapi';
import { isMailAddress, isPersonName } from '../domain/mail-address';
import { freeText, personId, time } from './shapes';

/** Shapes of the routes about people. */

export const mailAddress = z.string().max(254).refine(isMailAddress, 'must be a plain mail address: name@example.org');
export const personName = z
  .string()
  .max(200)
  .refine(isPersonName, 'must be a name in one line, without < > @ and quotation marks');

const role = z.enum(['viewer', 'operator', 'approver', 'owner']);
const environment = z.union([z.literal('*'), personId]).describe('`*`: in every environment.');
const slackTeam = z.string().regex(/^[A-Z0-9]{1,32}$/, 'must be the id of a Slack workspace: T0123ABCD');
const slackUser = z.string().regex(/^[A-Z0-9]{1,32}$/, 'must be the id of a Slack user: U0123ABCD');
const login = z.string().regex(/^[0-9a-f]{16}$/, 'must be the id of a login, as the list shows it');

const reason = freeText;

export const change = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('grant_role'), role, environment, reason }),
  z.strictObject({ do: z.literal('revoke_role'), role: z.enum([...role.options, 'admin']), environment, reason }),
  z.strictObject({ do: z.literal('propose_admin'), reason }),
  z.strictObject({ do: z.literal('join_group'), group: personId, reason }),
  z.strictObject({ do: z.literal('leave_group'), group: personId, reason }),
  z.strictObject({ do: z.literal('link_slack'), slackTeam, slackUser, reason }),
  z.strictObject({ do: z.literal('unlink_slack'), slackTeam, reason }),
  z.strictObject({ do: z.literal('link_address'), address: mailAddress, reason }),
  z.strictObject({ do: z.literal('unlink_address'), reason }),
  z.strictObject({ do: z.literal('same'), sameAs: personId, reason }),
  z.strictObject({ do: z.literal('revoke_logins'), login: login.optional(), reason }),
  z.strictObject({ do: z.literal('leave'), agentsTo: personId.optional(), reason }),
]);

export const person = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['active', 'left']),
  roles: z.array(z.string()).describe('In every environment.'),
  rolesIn: z.array(z.object({ role: z.string(), environment: z.string() })),
  groups: z.array(z.string()),
  address: z.string().nullable(),
  slack: z.array(z.object({ team: z.string(), user: z.string() })),
  sameAs: z.array(z.string()).describe('Other accounts of the same human.'),
  logins: z.array(z.object({ id: z.string(), issuedBy: z.string().nullable(), expiresAt: time })),
  proposedBy: z.string().nullable().describe('Who proposed this person as an admin, while nobody has confirmed it.'),
});

/** A departure, and what became of what hung on the person. */
export const departure = z.object({
  person: z.string(),
  agentsTo: z.string().nullable().describe('Null: nobody was named, so the agents stop.'),
  leftAt: time,
  finishedAt: time.nullable().describe('Null while it goes on.'),
  became: z.array(
    z.object({
      kind: z.enum(['agent', 'keys', 'approval', 'group', 'team']),
      outcome: z.string(),
      count: z.number().int(),
      subjects: z.array(z.string()).describe('The first twenty.'),
    }),
  ),
});

export const exampleDeparture = {
  person: 'dana',
  agentsTo: 'robin',
  leftAt: '2026-03-02T10:00:00.000Z',
  finishedAt: '2026-03-02T10:00:01.000Z',
  became: [
    { kind: 'agent' as const, outcome: 'handed_over', count: 2, subjects: ['cleaner', 'invoice-agent'] },
    { kind: 'group' as const, outcome: 'empty', count: 1, subjects: ['storage-owners'] },
  ],
};

export const examplePerson = {
  id: 'dana',
  name: 'Dana Osei',
  state: 'active',
  roles: ['viewer'],
  rolesIn: [{ role: 'approver', environment: 'production' }],
  groups: ['storage-owners'],
  address: 'dana@example.org',
  slack: [{ team: 'T0123ABCD', user: 'U0456EFGH' }],
  sameAs: [],
  logins: [{ id: '5f1c0a9b2d3e4f50', issuedBy: 'robin', expiresAt: '2026-04-01T09:30:00.000Z' }],
  proposedBy: null,
};
