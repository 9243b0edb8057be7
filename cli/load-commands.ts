import { type Command } from 'commander';

type Load = () => Promise<Command>;

/**
 * Each is loaded when it is called for: all of them take three quarters of a second, most of it for packages that one command needs. In the order
 * of the help.
 */
const COMMANDS: Readonly<Record<string, Load>> = {
  dev: async () => (await import('./commands/dev.js')).devCommand(),
  codec: async () => (await import('./commands/codec.js')).codecCommand(),
  database: async () => (await import('./commands/database.js')).databaseCommand(),
  deploy: async () => (await import('./commands/deploy.js')).deployCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  init: async () => (await import('./commands/init.js')).initCommand(),
  try: async () => (await import('./commands/try.js')).tryCommand(),
  actions: async () => (await import('./commands/actions.js')).actionsCommand(),
  approvals: async () => (await import('./commands/approvals.js')).approvalsCommand(),
  tasks: async () => (await import('./commands/tasks.js')).tasksCommand(),
  people: async () => (await import('./commands/people.js')).peopleCommand(),
  agents: async () => (await import('./commands/agents.js')).agentsCommand(),
  proposals: async () => (await import('./commands/proposals.js')).proposalsCommand(),
  kill: async () => (await import('./commands/stops.js')).killCommand(),
  lift: async () => (await import('./commands/stops.js')).liftCommand(),
  stops: async () => (await import('./commands/stops.js')).stopsCommand(),
  grants: async () => (await import('./commands/grants.js')).grantsCommand(),
  keys: async () => (await import('./commands/keys.js')).keysCommand(),
  policy: async () => (await import('./commands/policy.js')).policyCommand(),
  ledger: async () => (await import('./commands/ledger.js')).ledgerCommand(),
  receipt: async () => (await import('./commands/receipt.js')).receiptCommand(),
};

/** The command that these arguments begin with; all of them, where help is wanted or no such command is known. */
export async function loadCommands([first = '']: readonly string[]): Promise<readonly Command[]> {
  const load = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return await Promise.all((load ? [load] : Object.values(COMMANDS)).map((each) => each()));
}
