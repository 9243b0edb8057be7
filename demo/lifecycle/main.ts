import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createDatabase } from '../../stack/create-database';
import { createUndoList } from '../../stack/create-undo-list';
import { startEmbeddedPostgres } from '../../stack/embedded-postgres';
import { type RunningStack, startStack } from '../../stack/start-stack';
import { openBooks } from '../books/open-books';
import { demoConfig } from '../demo-config';
import { GatewayApprover } from '../gateway-approver';
import { createNarrator, type Narrator } from '../narrator';
import { credentialsAlive } from '../reckoning/credentials-alive';
import { type DemoServices, startDemoServices } from '../services/start-demo-services';
import { FleetAgent } from './fleet';
import { killAndLift } from './kill-and-lift';
import { offboard } from './offboard';
import { onboard } from './onboard';
import { Operator } from './operator';
import { pauseAndQuarantine } from './pause-and-quarantine';
import { rotateUnderLoad } from './rotate-under-load';
import { type Stage } from './stage';
import { type Tally, tallyOf, wrongIn } from './tally';

const AGENTS = 25;

/**
 * `npm run demo:lifecycle [-- --json]`: the lives of a fleet of agents, on a stack of its own in a directory that is gone afterwards. Exit code 1:
 * something was lost, happened after a stop, or is alive that should not be.
 */
async function main(): Promise<void> {
  const json = process.argv.slice(2).includes('--json');
  const tell = createNarrator();
  const tally = await run(tell);
  const wrong = wrongIn(tally);
  for (const sentence of wrong) process.stderr.write(`Wrong: ${sentence}.\n`);
  process.stdout.write(json ? `${JSON.stringify(tally)}\n` : `${JSON.stringify(tally, null, 2)}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

async function run(tell: Narrator): Promise<Tally> {
  const stops = createUndoList();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-lives-'));
    stops.add(() => rm(directory, { recursive: true, force: true }));
    await chmod(directory, 0o711); // Postgres may run under another account
    const report = (line: string): void => tell.note(line);
    const services = await startDemoServices(join(directory, 'services'));
    stops.add(() => services.stop());
    const server = await startEmbeddedPostgres({ directory: join(directory, 'postgres'), report, durable: false });
    stops.add(() => server.stop());
    const books = await openBooks(server.superuserUrl);
    stops.add(() => books.close());
    const home = join(directory, 'home');
    const databaseUrl = await createDatabase(server.superuserUrl, 'countersign');
    const stack = await startStack({ config: demoConfig({ home, databaseUrl, services, books }), report });
    stops.add(() => stack.stop());
    services.trust(`${stack.gatewayUrl}/.well-known/jwks.json`);
    const auditor = new Client({ connectionString: stack.databaseUrl });
    await auditor.connect();
    stops.add(() => auditor.end());
    const stage = stageOf(stack, services, auditor, home, tell);
    await onboard(stage);
    const rotationFailures = await rotateUnderLoad(stage);
    await pauseAndQuarantine(stage);
    const effectsAfterFence = await killAndLift(stage);
    const receipt = await offboard(stage);
    const liveGrants = await credentialsAlive(services, books);
    return tallyOf(stage, { effectsAfterFence, rotationFailures, receipt, liveGrants });
  } finally {
    await stops.undoAll();
  }
}

function stageOf(stack: RunningStack, services: DemoServices, auditor: Client, home: string, tell: Narrator): Stage {
  const urls = { gateway: stack.gatewayUrl, admin: stack.adminUrl };
  const operator = (name: 'alice' | 'bob' | 'carol'): Operator => new Operator(name, urls, stack.people[name].token);
  return {
    home,
    fleet: Array.from(
      { length: AGENTS },
      (_, index) => new FleetAgent(`payer-${String(index + 1)}`, home, stack.gatewayUrl),
    ),
    ...{ alice: operator('alice'), bob: operator('bob'), carol: operator('carol') },
    approver: new GatewayApprover('carol', stack.gatewayUrl, stack.people.carol.token),
    ...{ services, auditor, tell, ended: [] },
    killWorker: () => stack.killWorker('SIGKILL'),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
