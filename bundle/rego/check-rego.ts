import { z } from 'zod';
import { type SourceText } from '../files/read-directory';
import { type Problem } from '../problem';
import { aggregatePacks } from './aggregate-packs';
import { inspectPackages } from './inspect-packages';
import { CAPABILITIES_FILE, opaCapabilities } from './opa-capabilities';
import { isTest, readLibrary } from './read-library';
import { runOpa } from './run-opa';
import { withWorkspace } from './workspace';

const failure = z.object({
  errors: z.array(
    z.object({
      message: z.string(),
      code: z.string(),
      location: z.object({ file: z.string(), row: z.number() }).optional(),
    }),
  ),
});

export interface CheckedRego {
  /** Everything to compile: the library, the packs and the modules that name them. Empty if there are problems. */
  readonly modules: readonly SourceText[];
  readonly problems: readonly Problem[];
}

/** Judges the Rego of a directory: it parses, belongs to whom it says, uses only what the evaluator can do, and passes opa's strict checks. */
export async function checkRego(opaPath: string, rego: readonly SourceText[]): Promise<CheckedRego> {
  const library = await readLibrary();
  const packs = rego.filter(({ file }) => file.startsWith('packs/'));
  if (packs.length === 0) return { modules: [], problems: [NO_PACKS] };
  const sources = packs.filter(({ file }) => !isTest(file));
  return withWorkspace(
    [...library, ...packs, { file: CAPABILITIES_FILE, text: await opaCapabilities() }],
    async (directory) => {
      const files = (texts: readonly SourceText[]): string[] => texts.map(({ file }) => file);
      const unreadable = await opaCheck(opaPath, files(packs), directory, false);
      if (unreadable.some(({ message }) => message.includes('rego_parse_error')))
        return { modules: [], problems: unreadable };
      const inspected = await inspectPackages(opaPath, directory);
      const strict = await opaCheck(
        opaPath,
        ['--capabilities', CAPABILITIES_FILE, ...files([...library, ...sources])],
        directory,
        true,
      );
      const tests = strict.length === 0 ? await opaCheck(opaPath, files([...library, ...packs]), directory, true) : [];
      const all = [...(inspected?.problems ?? []), ...strict, ...tests];
      if (all.length > 0) return { modules: [], problems: all };
      if (inspected === undefined) throw new Error('opa inspect refuses Rego that opa check accepts; use opa 1.22.');
      const aggregate = aggregatePacks(inspected.packs);
      const modules = [...library, ...sources, ...aggregate];
      const unfit = await withWorkspace(modules, (whole) => opaCheck(opaPath, files(modules), whole, false));
      return unfit.length === 0
        ? { modules, problems: [] }
        : { modules: [], problems: unfit.map((problem) => inPack(problem, aggregate)) };
    },
  );
}

/** What does not fit the modules that name the packs is a pack's `findings` of a type that is no set; says which pack. */
function inPack(problem: Problem, aggregate: readonly SourceText[]): Problem {
  const line = Number(problem.path.slice('line '.length));
  const text = aggregate.find(({ file }) => file === problem.file)?.text.split('\n')[line - 1] ?? '';
  const pack = /data\.(packs\S*)\.findings/.exec(text)?.[1];
  if (pack === undefined) return problem;
  return {
    file: 'packs',
    path: `package ${pack}`,
    message: `has a rule "findings" that is no set of findings: ${problem.message}`,
    remedy: 'Write: findings contains finding.deny(…) if { … }.',
  };
}

const NO_PACKS: Problem = {
  file: 'packs',
  path: '',
  message: 'There is no Rego, so nothing would ever be allowed.',
  remedy: 'Write packs/org/<name>.rego with package packs.org.<name>.',
};

async function opaCheck(
  opaPath: string,
  args: readonly string[],
  directory: string,
  strict: boolean,
): Promise<Problem[]> {
  const run = await runOpa(opaPath, ['check', '--format', 'json', ...(strict ? ['--strict'] : []), ...args], directory);
  if (run.ok) return [];
  const parsed = failure.safeParse(parseJson(run.stdout === '' ? run.stderr : run.stdout));
  if (!parsed.success) throw new Error(`opa check failed: ${run.stderr}${run.stdout}`);
  return parsed.data.errors.map(({ message, code, location }) => ({
    file: location?.file ?? 'packs',
    path: location === undefined ? '' : `line ${String(location.row)}`,
    message: `${message} (${code}).`,
    remedy: remedyFor(message),
  }));
}

function remedyFor(message: string): string {
  if (message.endsWith('undefined function sprintf'))
    return 'Use concat and format_int: sprintf would run outside the meter that stops endless policies.';
  return message.includes('undefined function')
    ? 'Write it with other functions: the evaluator does not have this one.'
    : 'Correct the rule.';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`opa did not answer in JSON: ${text}`, { cause: error });
  }
}
