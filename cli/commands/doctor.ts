import { Command } from 'commander';
import pc from 'picocolors';
import { type Config } from '../../config/config';
import { ConfigError } from '../../config/config-error';
import { readConfig } from '../../config/read-config';
import { visibleText } from '../../domain/visible-text';
import { bundleChecks } from '../doctor/check-bundle';
import { channelChecks } from '../doctor/check-channels';
import { databaseChecks } from '../doctor/check-database';
import { keyChecks } from '../doctor/check-keys';
import { machineChecks } from '../doctor/check-machine';
import { processChecks } from '../doctor/check-processes';
import { temporalChecks } from '../doctor/check-temporal';
import { type Check } from '../doctor/finding';
import { placesOf } from '../doctor/places';
import { type Found, runChecks } from '../doctor/run-checks';
import { EXIT } from '../exit-codes';
import { print, printJson } from '../output';

/** `countersign doctor`: looks at everything that this process depends on, changes nothing, and says what is wrong and what to do. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at settings, keys, database, Temporal, policy and channels, and say what to mend')
    .option('--json', 'findings as JSON on stdout')
    .action(doctor);
}

async function doctor({ json = false }: { readonly json?: boolean }): Promise<void> {
  const found = await findings();
  const healthy = found.every(({ state }) => state !== 'problem');
  if (json) printJson({ ok: healthy, findings: found });
  else found.forEach((each) => print(lineOf(each)));
  // Whatever did not answer may hold a socket open for longer than anybody waits.
  process.exit(healthy ? EXIT.ok : EXIT.refused);
}

async function findings(): Promise<readonly Found[]> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, wrong, remedy }) => ({
      check: 'settings',
      state: 'problem',
      says: `${variable} ${wrong}`,
      remedy,
    }));
  }
  const settings: Found = { check: 'settings', state: 'ok', says: `can be used, in the mode ${config.mode}` };
  return [settings, ...(await runChecks(checksOf(config)))];
}

function checksOf(config: Config): readonly Check[] {
  const places = placesOf(config);
  return [
    ...machineChecks(config.home),
    ...keyChecks(config, places),
    ...databaseChecks(places),
    ...bundleChecks(config.keys, places),
    ...temporalChecks(places),
    ...processChecks(places),
    ...channelChecks(config),
  ];
}

const MARKS = { ok: pc.green('ok     '), problem: pc.red('PROBLEM'), off: pc.dim('-      ') };

function lineOf({ check, state, says, remedy }: Found): string {
  const line = `${MARKS[state]}  ${check}: ${visibleText(says)}`;
  return remedy === undefined ? line : `${line}\n         ${pc.dim(visibleText(remedy))}`;
}
