import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ErpService, startErp } from './start-erp';
import { startPayments } from './start-payments';
import { type DemoService } from './strict-service';

export interface DemoServices {
  readonly erp: ErpService;
  readonly payments: DemoService;
  /** From now on tokens signed by the keys published there are believed; before, everything is refused. */
  trust(jwksUrl: string): void;
  stop(): Promise<void>;
}

/**
 * Starts both services of the demo on loopback.
 *
 * @param directory where each keeps its book
 * @param ports 0, which is the default, takes a free one
 */
export async function startDemoServices(
  directory: string,
  ports: { readonly erp?: number; readonly payments?: number } = {},
): Promise<DemoServices> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const erp = await startErp({ bookPath: join(directory, 'erp.jsonl'), port: ports.erp ?? 0 });
  try {
    const payments = await startPayments({ bookPath: join(directory, 'payments.jsonl'), port: ports.payments ?? 0 });
    return {
      erp,
      payments,
      trust: (jwksUrl) => [erp, payments].forEach(({ gate }) => gate.trust(jwksUrl)),
      stop: async () => {
        await Promise.all([erp.stop(), payments.stop()]);
      },
    };
  } catch (error) {
    await erp.stop();
    throw error;
  }
}
