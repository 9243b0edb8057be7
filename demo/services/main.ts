import { join } from 'node:path';
import { readConfig } from '../../config/read-config';
import { startDemoServices } from './start-demo-services';

/** Where the target documents of the demo's policies look for the services. */
const PORTS = { erp: 4010, payments: 4011 };

/** Both services by themselves, for trying things out with `npm start` in another terminal. They trust the gateway at COUNTERSIGN_URL, or the local one. */
async function main(): Promise<void> {
  const { home, port, client } = readConfig();
  const gatewayUrl = client.url ?? `http://127.0.0.1:${port}`;
  const services = await startDemoServices(join(home, 'demo-services'), PORTS);
  services.trust(`${gatewayUrl}/.well-known/jwks.json`);
  process.stderr.write(
    `erp at ${services.erp.url}, payments at ${services.payments.url}; they trust ${gatewayUrl}. Ctrl-C stops them.\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void services.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
