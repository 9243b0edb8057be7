import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Approver, type Asked } from './approver';

const requestSchema = z.object({ id: z.string(), action: z.string(), headline: z.string(), digest: z.string() });
const approvalSchema = z.object({
  card: z.object({
    headline: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string(), before: z.string().optional() })),
  }),
  stages: z.array(z.object({ votes: z.array(z.object({ counts: z.boolean() })) })),
});
const approvalsSchema = z.object({ approvals: z.array(requestSchema) });

type Request = z.infer<typeof requestSchema>;

/** From the request's opening until it is listed; more means that nobody will ever be asked. */
const LISTED_WITHIN_MS = 20_000;

/** A person with a login at the gateway, who decides over its HTTP API. */
export class GatewayApprover implements Approver {
  readonly name: string;
  readonly #gatewayUrl: string;
  readonly #token: string;

  constructor(name: string, gatewayUrl: string, token: string) {
    this.name = name;
    this.#gatewayUrl = gatewayUrl;
    this.#token = token;
  }

  async decide(action: Asked, choice: 'approve' | 'deny', reason: string): Promise<string> {
    const request = await this.#asked(action);
    await this.#vote(request, choice, reason);
    return request.headline;
  }

  /** What this person is shown, once there is something to decide. */
  async read(action: Asked): Promise<string> {
    const { id } = await this.#asked(action);
    const { card } = approvalSchema.parse(await this.#call('GET', `/v1/approvals/${id}`));
    const fields = card.fields.map(
      ({ label, value, before }) => `${label}: ${value}${before === undefined ? '' : ` (it was ${before})`}`,
    );
    return [card.headline, ...fields].join('\n');
  }

  /** Approves, and approves again, as somebody who would like to count twice. Answers with the headline, and how many votes that is. */
  async approveTwice(action: Asked, reason: string): Promise<{ readonly headline: string; readonly votes: number }> {
    const request = await this.#asked(action);
    await this.#vote(request, 'approve', reason);
    await this.#vote(request, 'approve', reason);
    const { stages } = approvalSchema.parse(await this.#call('GET', `/v1/approvals/${request.id}`));
    return {
      headline: request.headline,
      votes: stages.flatMap(({ votes }) => votes).filter(({ counts }) => counts).length,
    };
  }

  /** The request, once it lists among those that this person may decide. */
  async #asked({ actionId }: Asked): Promise<Request> {
    const deadline = performance.now() + LISTED_WITHIN_MS;
    for (;;) {
      const { approvals } = approvalsSchema.parse(await this.#call('GET', '/v1/approvals?for=me'));
      const found = approvals.find(({ action }) => action === actionId);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`Nobody asked ${this.name} about ${actionId ?? 'no action'}.`);
      await sleep(100);
    }
  }

  async #vote({ id, digest }: Request, choice: 'approve' | 'deny', reason: string): Promise<void> {
    await this.#call('POST', `/v1/approvals/${id}/votes`, { choice, digest, reason });
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
