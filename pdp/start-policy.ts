import { type LoadedPolicy, loadPolicySync } from '@open-policy-agent/opa-wasm';
import { type JsonObject } from '../domain/json';
import { BundleRefused } from './bundle-refused';
import { DECISION_FUEL, FUEL_EXPORT, SETUP_FUEL } from './fuel';
import { type PolicyErrorKind } from './policy-error';

/** 256 MiB in pages of 64 KiB: data as large as a bundle may hold, parsed, and what 8 million steps can allocate beside it. */
const MAX_PAGES = 4096;
const INITIAL_PAGES = 5;

export type Evaluation =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'failed'; readonly error: PolicyErrorKind };

/** A compiled policy that has its data and can be asked, any number of times. */
export interface Policy {
  /** @param input JSON. Never throws. */
  evaluate(input: string): Evaluation;
}

interface Instance {
  readonly policy: LoadedPolicy;
  readonly fuel: WebAssembly.Global;
}

/**
 * Compiles a metered policy and gives it its data. An instance that failed is thrown away, with whatever the failure left in its memory;
 * the next question gets a fresh one.
 *
 * @throws BundleRefused when the policy cannot be started at all.
 */
export async function startPolicy(wasm: Uint8Array<ArrayBuffer>, data: JsonObject): Promise<Policy> {
  let module: WebAssembly.Module;
  let current: Instance | undefined;
  try {
    module = await WebAssembly.compile(wasm);
    current = instantiate(module, data);
  } catch (error) {
    throw new BundleRefused('policy', 'its policy cannot be started.', { cause: asError(error) });
  }
  return {
    evaluate: (input) => {
      const instance = current;
      // Forgotten until it has answered: an instance that failed must not be asked again.
      current = undefined;
      let running = instance;
      try {
        running ??= instantiate(module, data);
        running.fuel.value = DECISION_FUEL;
        const results: unknown = running.policy.evaluate(toBuffer(input));
        current = running;
        return readResult(results);
      } catch (error) {
        return { kind: 'failed', error: classify(error, running) };
      }
    },
  };
}

function instantiate(module: WebAssembly.Module, data: JsonObject): Instance {
  const policy = loadPolicySync(module, { initial: INITIAL_PAGES, maximum: MAX_PAGES });
  // The SDK's types leave it out; it is how the SDK itself reaches the exports.
  const { wasmInstance } = policy as unknown as { readonly wasmInstance: WebAssembly.Instance };
  const fuel = wasmInstance.exports[FUEL_EXPORT];
  if (!(fuel instanceof WebAssembly.Global)) throw new Error('the policy is not metered: it could run for ever');
  fuel.value = SETUP_FUEL;
  policy.setData(data);
  return { policy, fuel };
}

/** The SDK takes an ArrayBuffer for JSON text that it need not write itself. */
function toBuffer(text: string): ArrayBuffer {
  const bytes = new Uint8Array(Buffer.byteLength(text));
  new TextEncoder().encodeInto(text, bytes);
  return bytes.buffer;
}

function readResult(results: unknown): Evaluation {
  if (!Array.isArray(results)) return { kind: 'failed', error: 'wrong_shape' };
  const [first, second] = results as unknown[];
  if (first === undefined) return { kind: 'failed', error: 'undefined' };
  if (second !== undefined || typeof first !== 'object' || first === null || !('result' in first))
    return { kind: 'failed', error: 'wrong_shape' };
  return { kind: 'value', value: first.result };
}

/** The SDK throws strings (what the policy's own runtime said), plain objects (functions that it lacks) and errors. */
function classify(error: unknown, instance: Instance | undefined): PolicyErrorKind {
  if (instance?.fuel.value === 0) return 'out_of_fuel';
  if (typeof error === 'string') return 'aborted';
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  return message.startsWith('not implemented: built-in') ? 'missing_builtin' : 'trap';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
