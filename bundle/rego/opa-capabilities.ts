import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface Capabilities {
  readonly builtins: readonly { readonly name: string }[];
}

/**
 * Left out of what the evaluator offers. All but the first run in JavaScript, outside the metered policy: a loop around sprintf took 17
 * seconds where one around anything else is stopped after 40 ms, one padded number can fill the heap, regex.split backtracks, and a page of
 * YAML aliases stands for gigabytes. The first has no reproducible answer.
 */
const WITHHELD: readonly string[] = [
  'rand.intn',
  'sprintf',
  'json.is_valid',
  'regex.split',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
];

export const CAPABILITIES_FILE = 'capabilities.json';

/**
 * What a policy may use: what our evaluator can do, so that a policy that needs more is refused when it is built instead of failing when
 * it is asked. The evaluator's own list lacks the feature by which opa knows Rego 1.0.
 */
export async function opaCapabilities(): Promise<string> {
  const file = join(dirname(require.resolve('@open-policy-agent/opa-wasm')), '..', CAPABILITIES_FILE);
  const capabilities = JSON.parse(await readFile(file, 'utf8')) as Capabilities;
  const builtins = capabilities.builtins.filter(({ name }) => !WITHHELD.includes(name));
  return JSON.stringify({ ...capabilities, builtins, features: ['rego_v1'] });
}
