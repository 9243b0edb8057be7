import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type FaultDesk } from './fault-desk';
import { Idempotency, requestFingerprint } from './idempotency';
import { Refusal } from './refusal';
import { type Call, type Route } from './route';
import { type TokenGate } from './token-gate';
import { type WitnessBook, type WitnessRecord } from './witness-book';

/** More than any invoice needs; a body beyond it is refused unread. */
const MAX_BODY_BYTES = 16_384;

const KEY = /^[\x21-\x7e]{1,255}$/;

interface Incoming {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: Buffer;
}

/** What is known about a call so far, for the book. */
interface Noted {
  operation: string;
  key?: string;
  tokenId?: string;
  agentId?: string;
  tenant?: string;
  actionId?: string;
  invoiceId?: string;
}

/** Takes the calls of one service: door, repetition, planned mishap, effect, book, answer; in this order. */
export class FrontDesk {
  readonly #idempotency = new Idempotency();

  constructor(
    readonly service: string,
    readonly routes: readonly Route[],
    readonly book: WitnessBook,
    readonly faults: FaultDesk,
    readonly gate: TokenGate,
  ) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const noted: Noted = { operation: 'none' };
    try {
      await this.#take(request, response, noted);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', { cause: error });
      this.#note({ ...noted, kind: 'refused', status: refusal.status, code: refusal.code });
      answer(
        response,
        refusal.status,
        { type: 'about:blank', title: refusal.code, status: refusal.status },
        'application/problem+json',
      );
      if (refusal.code === 'internal') throw new Error(`${this.service} failed`, { cause: error });
    }
  }

  async #take(request: IncomingMessage, response: ServerResponse, noted: Noted): Promise<void> {
    if (this.faults.closed) throw new Refusal(503, 'closed_for_maintenance');
    const incoming = { method: request.method ?? '', url: request.url ?? '', body: await readBody(request) };
    const { route, args, query } = this.#route(incoming);
    noted.operation = route.operation;
    const header = request.headers['idempotency-key'];
    const key = typeof header === 'string' && KEY.test(header) ? header : '';
    // Before the door: who is turned away there has asked for it, too.
    if (route.sort === 'effect' && key !== '') noted.key = key;
    const claims = await this.gate.admit({
      ...incoming,
      authorization: request.headers.authorization,
      operation: route.operation,
      changes: route.sort !== 'read',
    });
    noted.tokenId = claims.jti;
    noted.agentId = claims.sub;
    if (claims.tenant !== undefined) noted.tenant = claims.tenant;
    if (claims.act !== undefined) noted.actionId = claims.act;
    const call: Call = { args, query, body: parsed(incoming.body), key, claims };
    if (route.sort !== 'effect') {
      const plan = route.plan(call);
      plan.apply?.();
      return answer(response, plan.status, plan.body);
    }
    if (key === '') throw new Refusal(400, 'key_missing');
    this.gate.spend(claims, `${route.operation} ${key}`);
    this.#change(route, call, incoming, response, noted);
  }

  /** From here on nothing waits: between looking whether it was done and doing it, no other call gets a turn. */
  #change(route: Route, call: Call, incoming: Incoming, response: ServerResponse, noted: Noted): void {
    const scope = JSON.stringify([call.claims.tenant, route.operation, call.key]);
    const fingerprint = requestFingerprint(incoming.method, incoming.url, incoming.body);
    const before = this.#idempotency.recall(scope, fingerprint);
    if (before !== undefined) {
      this.#note({ ...noted, ...before.witness, kind: 'repeated', status: before.status });
      return answer(response, before.status, before.body);
    }
    const plan = route.plan(call);
    if (plan.witness?.invoiceId !== undefined) noted.invoiceId = plan.witness.invoiceId;
    const fault = this.faults.take(route.operation, noted.invoiceId);
    if (fault?.how === 'refuse' || fault?.how === 'error-500') {
      fault.happened();
      throw fault.how === 'refuse' ? new Refusal(422, 'refused_by_bank') : new Refusal(500, 'out_of_order');
    }
    this.#note({ ...noted, ...plan.witness, kind: 'effect', status: plan.status });
    plan.apply?.();
    this.#idempotency.keep(scope, fingerprint, plan);
    fault?.happened();
    if (fault?.how === 'hang') return;
    if (fault?.how === 'drop-reply') response.destroy();
    else answer(response, plan.status, plan.body);
  }

  #route({ method, url }: Incoming): {
    readonly route: Route;
    readonly args: Readonly<Record<string, string>>;
    readonly query: URLSearchParams;
  } {
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    for (const route of this.routes) {
      const match = route.method === method ? route.path.exec(path) : null;
      if (match !== null)
        return {
          route,
          args: decoded(match.groups ?? {}),
          query: new URLSearchParams(mark < 0 ? '' : url.slice(mark)),
        };
    }
    throw new Refusal(404, 'no_such_address');
  }

  #note(record: Omit<WitnessRecord, 'service' | 'at'>): void {
    this.book.write({ ...record, service: this.service, at: Date.now() });
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new Refusal(413, 'body_too_large');
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(400, 'body_cut_off', { cause });
  }
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Refusal(400, 'body_not_json', { cause });
  }
}

function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (cause) {
    throw new Refusal(400, 'address_malformed', { cause });
  }
}

function answer(response: ServerResponse, status: number, body?: object, type = 'application/json'): void {
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
