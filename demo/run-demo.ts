import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Countersign } from '../client/countersign';
import { childEnvironment } from '../config/child-environment';
import { packageRoot } from '../config/paths';
import { readConfig } from '../config/read-config';
import { type RunningStack, startStack } from '../stack/start-stack';
import { Approver } from './approver';
import { InvoiceAgent } from './invoice-agent';
import { type Narrator } from './narrator';
import { readLedger } from './reckoning/read-ledger';
import { reckon, type Reckoning } from './reckoning/reckoning';
import { type DemoServices, startDemoServices } from './services/start-demo-services';
import { tellStory } from './story/tell-story';

const TENANT = 'demo';

/** A credential lives three seconds; whatever is alive after this long will not die by itself. */
const DEAD_WITHIN_MS = 8_000;

/**
 * Runs the demo on a stack of its own, in a directory that is gone afterwards: it neither finds nor leaves anything.
 *
 * @param signal ends it early; everything is stopped then too.
 */
export async function runDemo(tell: Narrator, signal: AbortSignal): Promise<Reckoning> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
  // Postgres may run under another account, and must pass.
  await chmod(directory, 0o711);
  const stops: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const services = await startDemoServices(join(directory, 'services'));
    stops.push(() => services.stop());
    const home = join(directory, 'home');
    const stack = await startStack({ config: demoConfig(home, services), report: (line) => tell.note(line), signal });
    stops.push(() => stack.stop());
    services.trust(`${stack.gatewayUrl}/.well-known/jwks.json`);
    if (stack.temporalUiUrl !== undefined)
      tell.note(`While this runs, every action is to be seen at ${stack.temporalUiUrl}`);
    return await Promise.race([aborted(signal), play(stack, services, home, tell)]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function play(stack: RunningStack, services: DemoServices, home: string, tell: Narrator): Promise<Reckoning> {
  const gateway = { url: stack.gatewayUrl, key: stack.agentKey };
  const handled = await tellStory({
    agent: new InvoiceAgent(new Countersign(gateway), gateway),
    bob: new Approver(stack.gatewayUrl, stack.people.bob.token),
    services,
    killWorker: () => stack.killWorker('SIGKILL'),
    tell,
  });
  tell.chapter('The reckoning: what the services saw against what the ledger proves');
  const liveTokens = await tokensThatStayAlive(services);
  const ledger = await readLedger({ home, databaseUrl: stack.databaseUrl, tenant: TENANT });
  return reckon({
    handled,
    witness: [...services.erp.book.records(), ...services.payments.book.records()],
    ledger,
    liveTokens,
  });
}

/** Asks the services themselves which credentials they would still take; those that were made last get the time to die. */
async function tokensThatStayAlive({ erp, payments }: DemoServices): Promise<readonly string[]> {
  const deadline = performance.now() + DEAD_WITHIN_MS;
  for (;;) {
    const live = [...(await erp.gate.liveTokens()), ...(await payments.gate.liveTokens())];
    if (live.length === 0 || performance.now() > deadline) return live;
    await sleep(200);
  }
}

/** The demo's own settings; of the environment only what says where tools are. */
function demoConfig(home: string, { erp, payments }: DemoServices): ReturnType<typeof readConfig> {
  return readConfig(
    childEnvironment({
      hide: [
        'COUNTERSIGN_HOME',
        'COUNTERSIGN_KEYS',
        'COUNTERSIGN_BUNDLE',
        'COUNTERSIGN_PUBLIC_URL',
        'COUNTERSIGN_MODE',
        'COUNTERSIGN_FAULTS',
        'COUNTERSIGN_TARGET_',
        'DATABASE_URL',
        'TEMPORAL_',
      ],
      set: {
        COUNTERSIGN_HOME: home,
        COUNTERSIGN_PORT: '0',
        COUNTERSIGN_POLICIES: join(packageRoot(), 'demo', 'policies'),
        COUNTERSIGN_TARGET_ERP: erp.url,
        COUNTERSIGN_TARGET_PAYMENTS: payments.url,
      },
    }),
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
