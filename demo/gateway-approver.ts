import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Approver, type Asked } from './approver';

const listedSchema = z.object({ id: z.string(), action: z.string(), headline: z.string(), digest: z.string() });
const approvalsSchema = z.object({ approvals: z.array(listedSchema) });
const approvalSchema = z.object({
  card: z.object({
    headline: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string(), before: z.string().optional() })),
  }),
  stages: z.array(z.object({ votes: z.array(z.object({ counts: z.boolean() })) })),
});

type Listed = z.infer<typeof listedSchema>;

/** What a person read at the gateway. */
export interface Reading {
  readonly request: string;
  readonly digest: string;
  /** The card, line by line. */
  readonly card: string;
}

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

  async decide(about: Asked, choice: 'approve' | 'deny', reason: string): Promise<string> {
    const { id, digest, headline } = await this.#asked(about);
    await this.#call('POST', `/v1/approvals/${id}/votes`, { choice, digest, reason });
    return headline;
  }

  /** What this person is shown, once there is something to decide. */
  async read(about: Asked): Promise<Reading> {
    const { id, digest } = await this.#asked(about);
    const { card } = await this.#approval(id);
    const fields = card.fields.map(
      ({ label, value, before }) => `${label}: ${value}${before === undefined ? '' : ` (it was ${before})`}`,
    );
    return { request: id, digest, card: [card.headline, ...fields].join('\n') };
  }

  /** Approves what this person has approved before, as somebody who would like to count twice. Answers with how many votes that makes. */
  async approveAgain({ request, digest }: Reading, reason: string): Promise<number> {
    await this.#call('POST', `/v1/approvals/${request}/votes`, { choice: 'approve', digest, reason });
    const { stages } = await this.#approval(request);
    return stages.flatMap(({ votes }) => votes).filter(({ counts }) => counts).length;
  }

  /** The request, once it lists among those that this person may decide. */
  async #asked({ actionId, request }: Asked): Promise<Listed> {
    const deadline = performance.now() + LISTED_WITHIN_MS;
    for (;;) {
      const { approvals } = approvalsSchema.parse(await this.#call('GET', '/v1/approvals?for=me'));
      const found = approvals.find(({ id, action }) => action === actionId && (request ?? id) === id);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`Nobody asked ${this.name} about ${actionId ?? 'no action'}.`);
      await sleep(100);
    }
  }

  async #approval(id: string): Promise<z.infer<typeof approvalSchema>> {
    return approvalSchema.parse(await this.#call('GET', `/v1/approvals/${id}`));
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
