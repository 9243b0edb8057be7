import { Argument, Command } from 'commander';
import { allPages } from '../all-pages';
import { hours } from '../hours';
import { hint, print, printJson, say, table } from '../output';

import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { addDepartures } from './departures';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface ChangeOptions extends Options {
  readonly reason: string;
}

interface Person {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly roles: readonly string[];
  readonly rolesIn: readonly { readonly role: string; readonly environment: string }[];
  readonly groups: readonly string[];
  readonly address: string | null;
  readonly slack: readonly { readonly team: string; readonly user: string }[];
  readonly sameAs: readonly string[];
  readonly logins: readonly { readonly id: string; readonly expiresAt: string }[];
  readonly proposedBy: string | null;
}

/** A login for a month: long enough not to be in the way, short enough to be missed by nobody. */
const DEFAULT_HOURS = 720;

/** `countersign people …`: who is here, what they may do, and how they are known. For admins. */
export function peopleCommand(): Command {
  const people = new Command('people').description('say who people are and what they may do');
  withAdminSession(people.command('list').description('list everybody')).action(list);
  changing(people.command('add').argument('<id>').description('add somebody, who may do nothing yet'))
    .requiredOption('--name <name>', 'as others read it')
    .option('--address <mail>', 'where they get mail')
    .action((id: string, { name, address, ...options }: ChangeOptions & Named) =>
      send('/v1/admin/people', { id, name, address }, options),
    );
  const role = people.command('role').description('give or take a role');
  for (const verb of ['grant', 'revoke'] as const)
    changing(role.command(verb).argument('<id>').argument('<role>').description(`${verb} a role`))
      .option('--in <environment>', 'in this environment alone', '*')
      .action((id: string, name: string, { in: environment, ...options }: ChangeOptions & { readonly in: string }) =>
        change(id, { do: `${verb}_role`, role: name, environment }, options),
      );
  const group = people.command('group').description('put somebody into a group, or take them out');
  for (const verb of ['join', 'leave'] as const)
    changing(group.command(verb).argument('<id>').argument('<group>').description(`${verb} a group`)).action(
      (id: string, name: string, options: ChangeOptions) => change(id, { do: `${verb}_group`, group: name }, options),
    );
  addIdentities(people);
  addLogins(people);
  const admin = people.command('admin').description('appoint another admin, by two people');
  changing(admin.command('propose').argument('<id>').description('propose somebody')).action(
    (id: string, options: ChangeOptions) => change(id, { do: 'propose_admin' }, options),
  );
  changing(admin.command('confirm').argument('<id>').description('confirm what another proposed')).action(
    (id: string, options: ChangeOptions) => send(`${pathOf(id)}/confirm-admin`, {}, options),
  );
  addDepartures(people);
  return people;
}

interface Named {
  readonly name: string;
  readonly address?: string;
}

interface Identity {
  readonly slack?: string;
  readonly address?: string | true;
}

function addIdentities(people: Command): void {
  changing(people.command('link').argument('<id>').description('say how somebody is known'))
    .option('--slack <team/user>', 'a Slack account: T0123ABCD/U0123ABCD')
    .option('--address <mail>', 'where they get mail')
    .action(async (id: string, { slack, address, ...options }: ChangeOptions & Identity) => {
      const [slackTeam, slackUser] = slack?.split('/') ?? [];
      if (slack !== undefined) await change(id, { do: 'link_slack', slackTeam, slackUser }, options);
      if (address !== undefined) await change(id, { do: 'link_address', address }, options);
    });
  changing(people.command('unlink').argument('<id>').description('say how somebody is not known any more'))
    .option('--slack <team>', 'their account in this Slack workspace')
    .option('--address', 'their address')
    .action(async (id: string, { slack, address, ...options }: ChangeOptions & Identity) => {
      if (slack !== undefined) await change(id, { do: 'unlink_slack', slackTeam: slack }, options);
      if (address === true) await change(id, { do: 'unlink_address' }, options);
    });
  changing(
    people.command('same').argument('<id>').argument('<other>').description('two accounts are one human, for good'),
  ).action((id: string, sameAs: string, options: ChangeOptions) => change(id, { do: 'same', sameAs }, options));
}

function addLogins(people: Command): void {
  const token = people.command('token').description('issue a login token, or end some');
  changing(token.command('issue').argument('<id>').description('issue one; it is shown once'))
    .option('--hours <n>', 'how long it is good for, 90 days at most', hours, DEFAULT_HOURS)
    .action(async (id: string, { hours: good, ...options }: ChangeOptions & { readonly hours: number }) => {
      const { token: issued } = (await post(`${pathOf(id)}/logins`, { hours: good }, options)) as {
        readonly token: string;
      };
      if (options.json !== true) print(issued);
      say(`Whoever holds it is ${id}. Hand it to them alone.`);
    });
  changing(token.command('revoke').argument('<id>').description('end all of somebody, or one'))
    .addArgument(new Argument('[login]', 'its id, as the list shows it'))
    .action((id: string, login: string | undefined, options: ChangeOptions) =>
      change(id, { do: 'revoke_logins', login }, options),
    );
}

function changing(command: Command): Command {
  return withAdminSession(command).requiredOption('--reason <words>', 'why; it is kept beside the ledger');
}

const pathOf = (id: string): string => `/v1/admin/people/${encodeURIComponent(id)}`;

async function change(id: string, what: object, options: ChangeOptions): Promise<void> {
  await send(`${pathOf(id)}/changes`, what, options);
}

async function send(path: string, what: object, options: ChangeOptions): Promise<void> {
  const person = (await post(path, what, options)) as Person;
  if (options.json !== true) print(listed([person]));
  if (person.proposedBy !== null) hint(`countersign people admin confirm ${person.id} --reason <words>`);
}

async function post(path: string, what: object, { reason, json = false, ...session }: ChangeOptions): Promise<unknown> {
  const { body } = await openAdminSession(session).send({ method: 'POST', path, body: { ...what, reason } });
  if (json) printJson(body);
  return body;
}

async function list({ json = false, ...session }: Options): Promise<void> {
  const people = await allPages<Person>(openAdminSession(session), '/v1/admin/people', 'people');
  if (json) printJson({ people });
  else print(listed(people));
}

function listed(people: readonly Person[]): string {
  return table(
    ['person', 'name', 'roles', 'groups', 'known as', 'logins'],
    people.map((person) => [
      person.state === 'left' ? `${person.id} (left)` : person.id,
      person.name,
      [...person.roles, ...person.rolesIn.map(({ role, environment }) => `${role} in ${environment}`)].join(', ') ||
        '-',
      person.groups.join(', ') || '-',
      knownAs(person).join(', ') || '-',
      person.logins.map(({ id, expiresAt }) => `${id} until ${expiresAt.slice(0, 10)}`).join(', ') || '-',
    ]),
  );
}

function knownAs({ address, slack, sameAs }: Person): string[] {
  return [
    ...(address === null ? [] : [address]),
    ...slack.map(({ team, user }) => `slack ${team}/${user}`),
    ...sameAs.map((other) => `the same human as ${other}`),
  ];
}
