import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const approvalsSchema = z.object({
  approvals: z.array(z.object({ id: z.string(), action: z.string(), headline: z.string(), digest: z.string() })),
});

/** From the request's opening until it is listed; more means that nobody will ever be asked. */
const LISTED_WITHIN_MS = 10_000;

/** A person with a login at the gateway, who decides over its HTTP API. */
export class Approver {
  readonly #gatewayUrl: string;
  readonly #token: string;

  constructor(gatewayUrl: string, token: string) {
    this.#gatewayUrl = gatewayUrl;
    this.#token = token;
  }

  /** Waits until the request lists among those that this person may decide, and votes on exactly what it shows. Answers with its headline. */
  async decide(
    { actionId }: { readonly actionId?: string | undefined },
    choice: 'approve' | 'deny',
    reason: string,
  ): Promise<string> {
    const deadline = performance.now() + LISTED_WITHIN_MS;
    for (;;) {
      const { approvals } = approvalsSchema.parse(await this.#call('GET', '/v1/approvals?for=me'));
      const found = approvals.find(({ action }) => action === actionId);
      if (found !== undefined) {
        await this.#call('POST', `/v1/approvals/${found.id}/votes`, { choice, digest: found.digest, reason });
        return found.headline;
      }
      if (performance.now() > deadline)
        throw new Error(`Nobody was asked to approve ${actionId ?? 'what was handed in'}.`);
      await sleep(100);
    }
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#gatewayUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The gateway answered ${response.status} to ${method} ${path}: ${text}`);
    return JSON.parse(text) as unknown;
  }
}
