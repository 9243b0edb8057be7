import { type AgentEvent } from '../../domain/agent-life';
import { CONTENT } from './content';

/** A person with a login, who operates over the gateway's HTTP API. */
export class Operator {
  readonly name: string;
  readonly #urls: Readonly<Record<'gateway' | 'admin', string>>;
  readonly #token: string;

  constructor(name: string, urls: Readonly<Record<'gateway' | 'admin', string>>, token: string) {
    this.name = name;
    this.#urls = urls;
    this.#token = token;
  }

  /** Answers with the proposal that another person has to confirm. */
  async register(agent: { readonly id: string; readonly owner: string }): Promise<string> {
    const { proposal } = await this.#post<{ proposal: string }>('/v1/admin/agents', {
      ...agent,
      ...{ team: 'finance', environment: 'development', purpose: 'Pays small invoices.', riskTier: 'medium' },
      ...{ roles: ['invoice-payer'], dataScopes: ['invoices'], version: '1' },
      content: CONTENT,
      reason: 'The fleet of finance.',
    });
    return proposal;
  }

  async confirm(proposal: string): Promise<void> {
    await this.#decide(proposal, 'confirm');
  }

  async reject(proposal: string): Promise<void> {
    await this.#decide(proposal, 'reject');
  }

  async #decide(proposal: string, choice: 'confirm' | 'reject'): Promise<void> {
    const { proposals } = await this.#send<{ proposals: readonly { id: string; digest: string }[] }>(
      'GET',
      '/v1/admin/proposals',
    );
    const digest = proposals.find(({ id }) => id === proposal)?.digest;
    await this.#post(`/v1/admin/proposals/${proposal}/decision`, {
      choice,
      digest,
      reason: 'Looked at it.',
    });
  }

  async move(agent: string, what: Exclude<AgentEvent, 'approve' | 'reject' | 'finish'>): Promise<void> {
    await this.#post(`/v1/admin/agents/${agent}/moves`, { do: what, reason: 'As the story goes.' });
  }

  async stateOf(agent: string): Promise<string> {
    return (await this.#send<{ state: string }>('GET', `/v1/admin/agents/${agent}`)).state;
  }

  /** Answers with the time since when nothing in it begins. */
  async stop(scope: string): Promise<string> {
    const asked = { scope, reason: 'Nobody knows yet what happens.' };
    return (await this.#post<{ since: string }>('/v1/admin/stops', asked)).since;
  }

  /** Answers with the proposal that another person has to confirm. */
  async proposeLift(scope: string): Promise<string> {
    return (await this.#post<{ proposal: string }>('/v1/admin/stops/lift', { scope, reason: 'We know.' })).proposal;
  }

  async #post<T>(path: string, body: object): Promise<T> {
    return await this.#send<T>('POST', path, body);
  }

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.#urls.admin + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The gateway answered ${String(response.status)} to ${method} ${path}: ${text}`);
    return JSON.parse(text) as T;
  }
}
