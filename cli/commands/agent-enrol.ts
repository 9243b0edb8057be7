import { Command } from 'commander';
import { enrol } from '../../client/enrol';
import { readConfig } from '../../config/read-config';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { printJson, say } from '../output';
import { gatewayUrl } from '../session';

interface Options {
  readonly secret: string;
  readonly out: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** `countersign agents enrol`: run where the agent runs, for the private half of its key never leaves that place. */
export function agentEnrolCommand(): Command {
  return new Command('enrol')
    .description('where the agent runs: make its key, register it, and write it to a file')
    .argument('<agent>')
    .requiredOption('--secret <secret>', 'of `agents credential issue`; it works once')
    .requiredOption(
      '--out <file>',
      'for COUNTERSIGN_AGENT_CREDENTIAL; not there yet, or left by an enrolment that was cut off',
    )
    .option('--url <url>', 'of the gateway (default: COUNTERSIGN_URL, or the stack on this machine)')
    .option('--json', 'data as JSON on stdout')
    .action(run);
}

async function run(agent: string, { secret, out, url, json = false }: Options): Promise<void> {
  const { agent: whose, kid, notAfter } = await enrol(gatewayUrl(readConfig(), url), secret, out);
  if (whose !== agent)
    throw new CommandFailed(EXIT.refused, `The secret was that of ${whose}, whose key is now in ${out}.`);
  if (json) printJson({ agent, kid, notAfter, file: out });
  else say(`${agent} is known by the key in ${out} until ${notAfter}, and replaces it by itself while it runs.`);
}
