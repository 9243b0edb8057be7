import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from './config';
import { type ConfigProblem } from './config-error';

/** Whatever opens a target: the keys that sign for it, and the secrets that documents name. */
const OPENS_TARGETS = ['effects.key.pem', 'facts.key.pem', 'secrets'];

/**
 * A worker of the role `workflows` holds nothing that opens a target, so that whoever takes it over cannot act on one. One that was given
 * something all the same does not start: it would be held for nothing, and nobody would know.
 */
export function roleProblems({ workerRole, secrets, keys, slack }: Config): ConfigProblem[] {
  if (workerRole !== 'workflows') return [];
  const given = Object.keys(secrets).map((name) => ({
    variable: `COUNTERSIGN_SECRET_${name.toUpperCase().replaceAll('-', '_')}`,
    wrong: 'opens a target, and this worker has the role workflows',
    remedy: 'Give it to the workers of the role effects alone.',
  }));
  // A press is told from a forged one by it: whoever has it can vote as anybody who is linked.
  if ((slack?.signingSecrets.length ?? 0) > 0)
    given.push({
      variable: 'SLACK_SIGNING_SECRET',
      wrong: 'tells a press in Slack from a forged one, and this worker has the role workflows, which takes none',
      remedy: 'Give it to the gateways alone.',
    });
  const found = OPENS_TARGETS.filter((name) => existsSync(join(keys, name)));
  const held = {
    variable: 'COUNTERSIGN_KEYS',
    wrong: `holds ${found.join(', ')}, and this worker has the role workflows`,
    remedy: 'Name a directory without them; the role effects needs them.',
  };
  return found.length === 0 ? given : [...given, held];
}
