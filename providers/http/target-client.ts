import * as http from 'node:http';
import * as https from 'node:https';
import { type HttpTarget } from '../../domain/documents';
import { type JsonObject, ownMember } from '../../domain/json';
import { elapsedMs } from '../elapsed-ms';
import { type Exchange } from './exchange';
import { fillOperation } from './fill-operation';
import { createPinnedLookup, type Resolve, resolveBySystem } from '../pinned-lookup';
import { send } from './send';
import { targetAddress } from './target-address';
import { createTokenSigner, type TokenSubject } from './token-signer';

export interface HttpTargetOptions {
  /** Ed25519, PKCS8. */
  readonly privateKeyPem: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /**
   * Whether an address in a document may be in a private network or on this machine, and without TLS: for the embedded stack, never in production, where
   * whoever writes policy does not say what is reached inside.
   */
  readonly allowPrivate: boolean;
  /** Addresses of this deployment by target id, in place of those in the documents; in whatever network the deployment says, with TLS or without. */
  readonly addresses?: Readonly<Record<string, string>>;
  readonly resolve?: Resolve;
}

export interface TargetCall {
  readonly target: HttpTarget;
  readonly operation: string;
  /** Root of the operation's pointers. */
  readonly values: JsonObject;
  /** Values of placeholders by name, see `fillOperation`. */
  readonly named?: JsonObject;
  readonly token: Pick<TokenSubject, 'subject' | 'tokenId' | 'claims'>;
  readonly withinMs: number;
  /** Sent as `Idempotency-Key` where the call changes something. */
  readonly key?: string;
}

export interface TargetClient {
  call(call: TargetCall): Promise<Exchange>;
  /** Closes what is kept alive. Calls in flight end as lost. */
  close(): void;
}

/** What HTTP carries without quoting; the length is what common targets keep. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Sockets per target. More only queue up in front of it: two cores sign some 10,000 tokens a second, a target answers in milliseconds. */
const MAX_SOCKETS = 64;

/** Shorter than the five seconds after which many servers hang up, so that a call rarely meets a connection that is being closed. */
const IDLE_SOCKET_MS = 1_000;

/** Asks targets over HTTP, one credential per request. Used by the provider and the fact reader, each with its own key. */
export function createTargetClient(purpose: 'effects' | 'facts', options: HttpTargetOptions): TargetClient {
  const sign = createTokenSigner(purpose, options.privateKeyPem, options.clock);
  const addresses = options.addresses ?? {};
  const mayBePrivate = ({ id }: HttpTarget): boolean => options.allowPrivate || Object.hasOwn(addresses, id);
  const agents = new Map<string, http.Agent>();

  const agentFor = (target: HttpTarget, base: URL): http.Agent => {
    const name = `${target.id} ${base.origin}`;
    const known = agents.get(name);
    if (known !== undefined) return known;
    const Agent = base.protocol === 'https:' ? https.Agent : http.Agent;
    const lookup = createPinnedLookup(options.resolve ?? resolveBySystem, { allowPrivate: mayBePrivate(target) });
    const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS, lookup });
    agents.set(name, agent);
    return agent;
  };

  const call = async ({
    target,
    operation: name,
    values,
    named,
    token,
    withinMs,
    key,
  }: TargetCall): Promise<Exchange> => {
    const startedMs = elapsedMs();
    // Also catches NaN: a limit that is no number is no limit that we can keep.
    if (!(withinMs > 0 && Number.isFinite(withinMs))) return notSent('not_sent');
    const operation = ownMember(target.operations, name);
    if (operation === undefined) return notSent('operation_unknown');
    const base = targetAddress(target, { addresses, allowPrivate: mayBePrivate(target) });
    if (base === undefined) return notSent('target_address_forbidden');
    const filled = fillOperation(operation, values, named);
    if (filled === undefined || (key !== undefined && !IDEMPOTENCY_KEY.test(key)))
      return notSent('operation_unfillable');

    const request = { ...filled, path: base.pathname.replace(/\/$/, '') + filled.path };
    const credential = await sign({ ...token, audience: target.token.audience, operation: name, request, withinMs });
    return send({
      base,
      ...request,
      headers: {
        authorization: `Bearer ${credential}`,
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(operation.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      agent: agentFor(target, base),
      withinMs: Math.min(withinMs, target.limits.timeoutMs) - (elapsedMs() - startedMs),
      maxBytes: target.limits.responseBytes,
    });
  };

  return { call, close: () => agents.forEach((agent) => agent.destroy()) };
}

function notSent(code: string): Exchange {
  return { kind: 'not_sent', code };
}
