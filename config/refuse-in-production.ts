import { type Config } from './config';
import { ConfigError, type ConfigProblem } from './config-error';

/** A login that is not that of the role whose URL it stands in, or may more or less than it. */
interface WrongLogin {
  readonly role: string;
  readonly faults: readonly string[];
}

/** What a database may say, in the words of `db/production-problems-of.ts`. */
const FOUND: Readonly<Record<'superuser' | 'demo_people' | 'static_agent_keys', ConfigProblem>> = {
  superuser: {
    variable: 'DATABASE_URL_*',
    wrong: 'belongs to a superuser, whom no guard binds',
    remedy: 'Write the URL of the role that is made for this process.',
  },
  demo_people: {
    variable: 'DATABASE_URL_*',
    wrong: 'leads to a database with people of the demo, whose logins are in a file',
    remedy: 'Use a database of its own, or let them leave: countersign people leave <id>.',
  },
  static_agent_keys: {
    variable: 'DATABASE_URL_*',
    wrong: 'leads to a database with static keys of agents, which are for development',
    remedy:
      'Let those agents enrol (countersign agents credential issue), and revoke the keys: countersign agents key revoke.',
  },
};

/**
 * Refuses to serve from a database that would undo a promise. It can only be asked once the environment holds, so these come after what
 * `readConfig` names.
 *
 * @throws ConfigError that names all of them
 */
export async function refuseInProduction(
  { mode }: Pick<Config, 'mode'>,
  problems: () => Promise<readonly (keyof typeof FOUND | WrongLogin)[]>,
): Promise<void> {
  if (mode !== 'production') return;
  const found = [...new Set(await problems())].map((problem) =>
    typeof problem === 'string' ? FOUND[problem] : wrongLogin(problem),
  );
  if (found.length > 0) throw new ConfigError(found);
}

const wrongLogin = ({ role, faults }: WrongLogin): ConfigProblem => ({
  variable: `DATABASE_URL_${role.toUpperCase()}`,
  wrong: `is of a login that ${faults.join(', ')}`,
  remedy: `Write the URL of the role countersign_${role}; where it is that, countersign database roles and countersign database migrate mend it.`,
});
