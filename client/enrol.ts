import { rm } from 'node:fs/promises';
import { type FailureCode } from '../domain/failures';
import { makeKey, registration } from './agent-key';
import { CountersignError } from './countersign-error';
import { type HeldCredential, reserveCredential, writeCredential } from './credential-file';
import { GatewayConnection } from './gateway-connection';

/** What may be told of a credential. */
export type Enrolled = Omit<HeldCredential, 'key' | 'next'>;

/** By these a secret and a key will never come together. Any other may hide that an earlier try, whose answer was lost, registered the key. */
const FINAL: readonly FailureCode[] = ['invalid_parameters', 'unauthenticated', 'enrolment_closed', 'key_taken'];

/**
 * Makes a key, registers it by a secret that works once, and writes both halves to `file`, which must not be there yet. The private half is there before
 * the gateway is asked: whoever did not hear what became of it enrols again by the same secret, into the same file, and goes on with the same key.
 * @throws CountersignError when it is refused, nobody answers, or the file cannot be written, which is found out first
 */
export async function enrol(url: string, secret: string, file: string): Promise<Enrolled> {
  const gateway = new GatewayConnection(url, undefined);
  const made = makeKey();
  const key = await reserveCredential(file, made);
  try {
    const body = { secret, ...registration(key, 'enrol', secret) };
    const answer = await gateway.send({ method: 'POST', path: '/v1/agents/enrol', body });
    const enrolled = answer.body as Enrolled;
    await writeCredential(file, { ...enrolled, key });
    return enrolled;
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    if (!FINAL.some((code) => code === error.code))
      throw saying(error, `The key is kept in ${file}. Enrol again with the same secret, within its 15 minutes.`);
    const older = `${file} keeps the key of an enrolment that was cut off.`;
    if (key !== made)
      throw saying(error, `${older} Take the secret of that one or, if it is too old, remove the file.`);
    await rm(file, { force: true });
    throw error;
  }
}

function saying(cause: CountersignError, more: string): CountersignError {
  const { message, code, status, retryable, retryAfterMs, problems } = cause;
  return new CountersignError(`${message} ${more}`, { code, status, retryable, retryAfterMs, problems, cause });
}
