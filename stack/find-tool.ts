import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ToolSettings } from '../config/config';
import { readConfig } from '../config/read-config';
import { CannotStart } from './cannot-start';
import { installWithGo } from './install-with-go';
import { type Report } from './report';
import { type Tool, type ToolName, tools } from './tools';

/**
 * Finds a program that is no npm package: the one that its variable names, else one on PATH, else the one that Countersign built for itself
 * before, else it builds that one with Go. There is no download: a version that nobody here has verified is not run on somebody's machine.
 *
 * @returns Its path.
 * @throws Error that names the ways to provide it.
 */
export async function findTool(
  name: ToolName,
  report: Report,
  settings: ToolSettings = readConfig().tools,
): Promise<string> {
  const tool = tools[name];
  const explicit = settings[name];
  if (explicit !== undefined) return checked(explicit, tool);

  for (const candidate of settings.searchPath.map((directory) => join(directory, name))) {
    if (!isProgram(candidate)) continue;
    const wrong = whatIsWrong(candidate, tool);
    if (wrong === undefined) return candidate;
    report(`Not using ${candidate}: ${wrong}.`);
  }

  const cached = join(settings.cache, `${name}-${tool.version}`);
  if (isProgram(cached)) return cached;
  const go = settings.searchPath.map((directory) => join(directory, 'go')).find(isProgram);
  if (go === undefined) throw new CannotStart(waysToProvide(tool, cached));
  await installWithGo({ go, tool, destination: cached, report });
  return checked(cached, tool);
}

function checked(path: string, tool: Tool): string {
  const wrong = isProgram(path) ? whatIsWrong(path, tool) : 'there is no program there';
  if (wrong === undefined) return path;
  throw new CannotStart(`${path} cannot be used as ${tool.title}: ${wrong}.`);
}

/** Asks the program itself; a file name promises nothing. */
function whatIsWrong(path: string, { probe, title }: Tool): string | undefined {
  try {
    const answer = execFileSync(path, probe.args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15_000,
    });
    return probe.accepts(answer) ? undefined : probe.otherwise;
  } catch (error) {
    return `it does not answer as ${title} does (${(error as Error).message.split('\n')[0] ?? ''})`;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function waysToProvide({ title, name, variable, version }: Tool, cached: string): string {
  return [
    `${title} was not found, and cannot be built without Go. Do one of these:`,
    `  - set ${variable} to the path of the program (${version} is what we test with)`,
    `  - put the program \`${name}\` on your PATH, or at ${cached}`,
    `  - install Go (https://go.dev/dl); it is then built once, from pinned sources`,
  ].join('\n');
}
