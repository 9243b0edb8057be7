import {
  type EffectResult,
  type FactReader,
  type FactResult,
  type Provider,
  type ProviderCall,
  type RevokeResult,
  type StatusResult,
} from '../../domain/provider';
import { FACTS } from './seed';

/** What the target does with the next call that changes something. */
export type Behaviour =
  | 'does it'
  | 'is busy'
  | 'refuses'
  /** It happens, and the reply is lost. */
  | 'loses the reply'
  /** It does not happen, and nobody is told. */
  | 'loses the request'
  /** It happens, and is not what was asked for. */
  | 'does something else';

/**
 * A target that does what a test scripts, and remembers. It does not hold back a second effect under the same key: whoever
 * sends twice is found out.
 */
export class FakeTarget implements Provider, FactReader {
  /** What the next calls meet; after the last, everything works. */
  behaviours: Behaviour[] = [];
  statuses: StatusResult[] = [];
  revocations: RevokeResult[] = [];
  facts: Record<string, FactResult> = { vendorById: { kind: 'found', fact: FACTS['vendor'] ?? null } };
  /** Everything that it was asked for, in order. */
  readonly log: string[] = [];
  readonly calls: ProviderCall[] = [];
  /** The key of each effect that happened. */
  readonly happened: string[] = [];

  async execute(call: ProviderCall): Promise<EffectResult> {
    return this.change('execute', call);
  }

  async undo(call: ProviderCall): Promise<EffectResult> {
    return this.change('undo', call);
  }

  async status(call: ProviderCall): Promise<StatusResult> {
    this.log.push('status');
    const scripted = this.statuses.shift();
    if (scripted !== undefined) return scripted;
    return this.happened.includes(call.values.key) ? { kind: 'found', result: resultOf(call) } : { kind: 'absent' };
  }

  async revoke({ expired }: { readonly expired: boolean }): Promise<RevokeResult> {
    this.log.push('revoke');
    return this.revocations.shift() ?? { kind: expired ? 'expired' : 'revoked' };
  }

  async read({ operation }: { readonly operation: string }): Promise<FactResult> {
    this.log.push('read');
    return this.facts[operation] ?? { kind: 'missing' };
  }

  private change(what: string, call: ProviderCall): EffectResult {
    this.log.push(what);
    this.calls.push(call);
    const behaviour = this.behaviours.shift() ?? 'does it';
    if (behaviour === 'is busy') return { kind: 'failed', code: 'target_busy' };
    if (behaviour === 'refuses') return { kind: 'failed', code: 'target_refused' };
    if (behaviour === 'loses the request') return { kind: 'unknown', code: 'no_answer' };
    this.happened.push(call.values.key);
    if (behaviour === 'loses the reply') return { kind: 'unknown', code: 'no_answer' };
    return { kind: 'done', result: behaviour === 'does something else' ? { amountMinor: 1 } : resultOf(call) };
  }
}

function resultOf(call: ProviderCall): { amountMinor: number } {
  return { amountMinor: Number(call.values.params['amountMinor']) };
}
