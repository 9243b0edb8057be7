import { rm } from 'node:fs/promises';
import { makeKey, registration } from './agent-key';
import { type HeldCredential, reserveCredential, writeCredential } from './credential-file';
import { GatewayConnection } from './gateway-connection';

/** What may be told of a credential. */
export type Enrolled = Omit<HeldCredential, 'key' | 'next'>;

/**
 * Makes a key, registers it by a secret that works once, and writes both halves to `file`, which must not be there yet.
 * @throws CountersignError when it is refused, nobody answers, or the file cannot be written, which is found out first
 */
export async function enrol(url: string, secret: string, file: string): Promise<Enrolled> {
  const gateway = new GatewayConnection(url, undefined);
  await reserveCredential(file);
  try {
    const key = makeKey();
    const body = { secret, ...registration(key, 'enrol', secret) };
    const answer = await gateway.send({ method: 'POST', path: '/v1/agents/enrol', body });
    const enrolled = answer.body as Enrolled;
    await writeCredential(file, { ...enrolled, key });
    return enrolled;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
