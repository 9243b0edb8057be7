import { createPrivateKey } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { buildBundle } from '../../bundle/build-bundle';
import { checkDirectory } from '../../bundle/check-directory';
import { formatProblem, type Problem, PolicyProblems } from '../../bundle/problem';
import { testDirectory, type TestReport } from '../../bundle/test-directory';
import { readConfig } from '../../config/read-config';
import { findTool } from '../../stack/find-tool';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { print, printJson, say } from '../output';

/** `countersign policy …`. Exit code 0: good, or done. 1: something is wrong with the policies. 2: the command cannot do its work. */
export function policyCommand(): Command {
  const policy = new Command('policy').description('check, test and build a directory of policies');
  const json = ['--json', 'the result as JSON on stdout'] as const;

  policy
    .command('check')
    .description('say everything that is wrong with the documents and the Rego')
    .argument('<directory>', 'the policy directory')
    .option(...json)
    .action(check);

  policy
    .command('test')
    .description('run the tests beside the packs, with their coverage')
    .argument('<directory>', 'the policy directory')
    .option(...json)
    .action(test);

  policy
    .command('build')
    .description('make a signed bundle')
    .argument('<directory>', 'the policy directory')
    .option('-o, --output <file>', 'where to write it', 'countersign-bundle.json')
    .option('--key <file>', 'private key, Ed25519 in PEM (default: bundle.key.pem among the keys)')
    .option('--bundle-version <number>', 'must grow with every bundle (default: seconds since 1970)', positiveInteger)
    .option(...json)
    .action(build);

  return policy;
}

interface Options {
  readonly json?: boolean;
}

interface BuildOptions extends Options {
  readonly output: string;
  readonly key?: string;
  readonly bundleVersion?: number;
}

async function check(directory: string, { json = false }: Options): Promise<void> {
  const problems = await checkDirectory(await directoryAt(directory), await opa());
  report(problems, json);
  if (problems.length === 0) say(`Nothing is wrong with ${directory}. Next: countersign policy test ${directory}`);
}

async function test(directory: string, { json = false }: Options): Promise<void> {
  const result = await testDirectory(await directoryAt(directory), await opa());
  if (result.problems.length > 0) return report(result.problems, json);
  const { passed, failed } = result;
  if (json) printJson({ ok: failed.length === 0, ...result });
  else print(sentences(result));
  if (failed.length > 0) process.exitCode = EXIT.refused;
  else if (passed === 0) say('There are no tests: write *_test.rego beside the packs.');
  else say(`Next: countersign policy build ${directory}`);
}

async function build(directory: string, { output, key, bundleVersion, json = false }: BuildOptions): Promise<void> {
  const config = readConfig();
  const privateKeyPem = await readKey(key ?? join(config.keys, 'bundle.key.pem'));
  const version = bundleVersion ?? Math.floor(Date.now() / 1000);
  const options = {
    directory: await directoryAt(directory),
    privateKeyPem,
    version,
    opaPath: opa,
    cacheDir: join(config.home, 'policy-cache'),
  };
  try {
    const bundle = await buildBundle(options);
    await write(output, JSON.stringify(bundle));
    const { digest } = bundle.manifest;
    if (json) printJson({ ok: true, file: output, digest, version });
    else print(`${output}\n${digest}\nversion ${String(version)}`);
  } catch (error) {
    if (!(error instanceof PolicyProblems)) throw error;
    report(error.problems, json);
  }
}

function report(problems: readonly Problem[], json: boolean): void {
  if (json) printJson({ ok: problems.length === 0, problems });
  else for (const problem of problems) print(formatProblem(problem));
  if (problems.length > 0) process.exitCode = EXIT.refused;
}

function sentences({ passed, failed, coverage }: TestReport): string {
  return [
    ...failed.map(({ file, line, name }) => `FAILED ${name} (${file}:${String(line)})`),
    `${String(passed)} passed, ${String(failed.length)} failed`,
    ...(coverage === undefined ? [] : [`the tests ran ${String(coverage.percent)} % of the packs' lines`]),
    ...(coverage?.gaps ?? []).map(({ file, percent }) => `  ${file}: ${String(percent)} %`),
  ].join('\n');
}

function opa(): Promise<string> {
  return findTool('opa', say);
}

async function directoryAt(path: string): Promise<string> {
  try {
    await readdir(path);
    return resolve(path);
  } catch (error) {
    throw new CommandFailed(EXIT.usage, `${path} cannot be read as a directory of policies.`, { cause: error });
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CommandFailed(EXIT.usage, `${path} cannot be written. Name another file with --output.`, {
      cause: error,
    });
  }
}

async function readKey(path: string): Promise<string> {
  const remedy = 'Name a private key with --key, or make one: openssl genpkey -algorithm ed25519 -out bundle.key.pem';
  let pem: string;
  let kind: string | undefined;
  try {
    pem = await readFile(path, 'utf8');
    kind = createPrivateKey(pem).asymmetricKeyType;
  } catch (error) {
    throw new CommandFailed(EXIT.usage, `${path} cannot be read as a private key. ${remedy}`, { cause: error });
  }
  if (kind !== 'ed25519') throw new CommandFailed(EXIT.usage, `${path} is not an Ed25519 key. ${remedy}`);
  return pem;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.');
  return value;
}
