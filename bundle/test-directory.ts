import { z } from 'zod';
import { readDirectory } from './files/read-directory';
import { type Problem } from './problem';
import { checkRego } from './rego/check-rego';
import { isTest } from './rego/read-library';
import { type OpaRun, runOpa } from './rego/run-opa';
import { withWorkspace } from './rego/workspace';

export interface TestReport {
  readonly passed: number;
  /** Each as file, line and the package's path to the test. */
  readonly failed: readonly { readonly file: string; readonly line: number; readonly name: string }[];
  /** Lines of the packs that the tests ran, in per cent; and the files with lines that they did not, worst first. Only of tests that pass. */
  readonly coverage?: {
    readonly percent: number;
    readonly gaps: readonly { readonly file: string; readonly percent: number }[];
  };
  readonly problems: readonly Problem[];
}

const results = z
  .array(
    z.object({
      location: z.object({ file: z.string(), row: z.number() }),
      package: z.string(),
      name: z.string(),
      fail: z.boolean().optional(),
      error: z.unknown().optional(),
    }),
  )
  .nullable();

const coverageReport = z.object({
  files: z.record(
    z.string(),
    z.object({ covered_lines: z.number().optional(), not_covered_lines: z.number().optional() }),
  ),
});

/** Runs the tests beside a directory's packs, on the whole policy as it would be built, with the directory's data. */
export async function testDirectory(path: string, opaPath: string): Promise<TestReport> {
  const { directory, problems } = await readDirectory(path);
  const { modules, problems: regoProblems } = await checkRego(opaPath, directory.rego);
  if (problems.length + regoProblems.length > 0)
    return { passed: 0, failed: [], problems: [...problems, ...regoProblems] };
  const tests = directory.rego.filter(({ file }) => isTest(file));
  return withWorkspace(
    [...modules, ...tests, { file: 'data.json', text: JSON.stringify(directory.data) }],
    async (workspace) => {
      const run = (...options: string[]): Promise<OpaRun> =>
        runOpa(opaPath, ['test', '--format', 'json', ...options, 'countersign', 'packs', 'data.json'], workspace);
      const ran = results.parse(JSON.parse((await run()).stdout)) ?? [];
      const failed = ran.filter(({ fail, error }) => fail === true || error !== undefined);
      return {
        passed: ran.length - failed.length,
        failed: failed.map(({ location, package: name, name: test }) => ({
          file: location.file,
          line: location.row,
          name: `${name.replace(/^data\./, '')}.${test}`,
        })),
        problems: [],
        ...(ran.length > 0 && failed.length === 0 ? { coverage: readCoverage((await run('--coverage')).stdout) } : {}),
      };
    },
  );
}

function readCoverage(report: string): NonNullable<TestReport['coverage']> {
  const packs = Object.entries(coverageReport.parse(JSON.parse(report)).files).filter(
    ([file]) => file.startsWith('packs/') && !isTest(file),
  );
  const lines = packs.map(([file, { covered_lines: covered = 0, not_covered_lines: missed = 0 }]) => ({
    file,
    covered,
    all: covered + missed,
  }));
  const percent = (covered: number, all: number): number => (all === 0 ? 100 : Math.floor((covered * 1000) / all) / 10);
  const sum = (count: (line: (typeof lines)[number]) => number): number =>
    lines.reduce((total, line) => total + count(line), 0);
  return {
    percent: percent(
      sum(({ covered }) => covered),
      sum(({ all }) => all),
    ),
    gaps: lines
      .filter(({ covered, all }) => covered < all)
      .map(({ file, covered, all }) => ({ file, percent: percent(covered, all) }))
      .sort((a, b) => a.percent - b.percent),
  };
}
