import { z } from 'zod';
import { NOT_READY } from '../../domain/not-ready';
import { type Check, type Finding, off, ok, problem } from './finding';
import { type Places } from './places';

const WITHIN_MS = 5_000;
const START = 'Start it, and read the last lines of its log.';

/** As gateway and worker answer: the first while it takes requests, the others while it does not. */
const answer = z.object({
  missing: z.array(z.object({ code: z.string() })).default([]),
  problems: z.array(z.object({ path: z.string() })).default([]),
});

/** What processes say of themselves on their probes. */
export function processChecks({ gateway, worker }: Places): Check[] {
  return [probe('gateway', gateway, 'its address is not known here (COUNTERSIGN_URL)')].concat(
    worker === undefined ? [] : [probe('worker', worker, '')],
  );
}

function probe(name: string, url: string | undefined, unknown: string): Check {
  const look = async (): Promise<readonly Finding[]> => {
    if (url === undefined) return [off(unknown)];
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(WITHIN_MS), redirect: 'error' });
    const { missing, problems } = answer.parse(await response.json());
    const codes = [...missing.map(({ code }) => code), ...problems.map(({ path }) => path.slice(1))];
    const known = codes.filter((code): code is keyof typeof NOT_READY => Object.hasOwn(NOT_READY, code));
    if (response.ok && codes.length === 0) return [ok('is ready')];
    if (known.length === 0) return [problem(`answers ${String(response.status)}`, START)];
    return known.map((code) => problem(`${code}: ${NOT_READY[code]}`, 'docs/operators.md#probes-and-metrics'));
  };
  return { name, remedy: START, look };
}
