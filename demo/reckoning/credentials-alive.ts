import { setTimeout as sleep } from 'node:timers/promises';
import { type Books } from '../books/open-books';
import { type DemoServices } from '../services/start-demo-services';

/** A credential lives three seconds; whatever is alive after this long will not die by itself. */
const DEAD_WITHIN_MS = 8_000;

/** Asks the targets themselves which credentials they would still take; those that were made last get the time to die. */
export async function credentialsAlive({ erp, payments }: DemoServices, books: Books): Promise<readonly string[]> {
  const deadline = performance.now() + DEAD_WITHIN_MS;
  for (;;) {
    const tokens = [...(await erp.gate.liveTokens()), ...(await payments.gate.liveTokens())];
    const live = [...tokens, ...(await books.rolesAlive())];
    if (live.length === 0 || performance.now() > deadline) return live;
    await sleep(200);
  }
}
