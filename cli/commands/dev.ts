import { Command } from 'commander';
import { readConfig } from '../../config/read-config';
import { type RunningStack, startStack } from '../../stack/start-stack';

/** `countersign dev`: everything on this machine, until Ctrl-C. */
export function devCommand(): Command {
  return new Command('dev')
    .description('run database, Temporal, gateway and worker on this machine, until Ctrl-C')
    .option('--json', 'print one line of JSON on stdout when ready')
    .action(dev);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function dev({ json = false }: { readonly json?: boolean }): Promise<void> {
  const config = readConfig();
  const asked = askedToStop();
  const stack = await startStack({ config, report: say, signal: asked.signal }).catch((error: unknown) => {
    if (asked.signal.aborted) return undefined;
    throw error;
  });
  if (stack === undefined) return;
  if (json) process.stdout.write(`${JSON.stringify(readyLine(stack))}\n`);
  tell(stack, config.home);
  await asked.promise;
  say('Stopping …');
  await stack.stop();
  say('Stopped. Start again, and it goes on where it was.');
}

/** The first Ctrl-C stops gently; a second one ends this process, and with it, through their leashes, all others. */
function askedToStop(): { readonly signal: AbortSignal; readonly promise: Promise<void> } {
  const controller = new AbortController();
  const promise = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (controller.signal.aborted) process.exit(130);
        controller.abort(new Error(`Stopped by ${signal}.`));
        resolve();
      });
    }
  });
  return { signal: controller.signal, promise };
}

function readyLine(stack: RunningStack): object {
  return {
    ready: true,
    gateway: stack.gatewayUrl,
    admin: stack.adminUrl,
    temporalUi: stack.temporalUiUrl ?? null,
    temporal: stack.temporalAddress,
    databaseUrl: stack.databaseUrl,
    agentKey: stack.agentKey,
    people: stack.people,
  };
}

function tell(stack: RunningStack, home: string): void {
  const lines: [string, string | undefined][] = [
    ['gateway', stack.gatewayUrl],
    ['  for operators', stack.adminUrl],
    ['Temporal UI', stack.temporalUiUrl],
    ['Temporal', `${stack.temporalAddress}, namespace ${stack.namespace}`],
    ['database, read only', stack.databaseUrl],
    ['logs', stack.logDirectory],
    ['demo logins', `${home}/demo.json (alice owns the agent; bob and carol approve)`],
  ];
  say('\nCountersign is running, for development, on this machine alone.');
  for (const [name, value] of lines) if (value !== undefined) say(`  ${name.padEnd(20)} ${value}`);
  say('\nCtrl-C stops everything.');
}
