import { createHash } from 'node:crypto';
import { Refusal } from './refusal';
import { type Plan } from './route';

/** Remembers what was done under which key, for as long as the service lives. What was refused is not remembered: it changed nothing. */
export class Idempotency {
  readonly #done = new Map<string, { readonly request: string; readonly plan: Plan }>();

  /** The plan carried out under this key before; throws a `Refusal` if that was for another request. */
  recall(scope: string, request: string): Plan | undefined {
    const known = this.#done.get(scope);
    if (known !== undefined && known.request !== request) throw new Refusal(409, 'key_reused');
    return known?.plan;
  }

  keep(scope: string, request: string, plan: Plan): void {
    this.#done.set(scope, { request, plan });
  }
}

/** What makes two requests the same: method, path with query, and every byte of the body. */
export function requestFingerprint(method: string, url: string, body: Buffer): string {
  return createHash('sha256').update(`${method} ${url}\n`).update(body).digest('hex');
}
