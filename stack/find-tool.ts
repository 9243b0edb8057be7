import { join } from 'node:path';
import { type ToolSettings } from '../config/config';
import { readConfig } from '../config/read-config';
import { CannotStart } from './cannot-start';
import { findGo } from './find-go';
import { installWithGo } from './install-with-go';
import { firstUsable, isProgram, whatIsWrong } from './probe-program';
import { type Report } from './report';
import { type Tool, type ToolName, tools } from './tools';

/**
 * Finds a program that is no npm package: the one that its variable names, else one on PATH, else the one that Countersign built for itself
 * before, else it builds that one with Go, which it fetches where there is none. The program itself is not downloaded: there is no release of all four whose
 * sums we can vouch for, and Go holds sources against its checksum database.
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

  const onPath = firstUsable(name, tool.probe, { directories: settings.searchPath, report });
  if (onPath !== undefined) return onPath;

  const cached = join(settings.cache, `${name}-${tool.version}`);
  if (isProgram(cached)) return cached;
  const go = await findGo(settings, report);
  if (go === undefined) throw new CannotStart(waysToProvide(tool, cached));
  await installWithGo({ go, tool, destination: cached, report });
  return checked(cached, tool);
}

function checked(path: string, { probe, title }: Tool): string {
  const wrong = whatIsWrong(path, probe);
  if (wrong === undefined) return path;
  throw new CannotStart(`${path} cannot be used as ${title}: ${wrong}.`);
}

function waysToProvide({ title, name, variable, version }: Tool, cached: string): string {
  return [
    `${title} was not found, and cannot be built: there is no Go here, and none was fetched. Do one of these:`,
    `  - set ${variable} to the path of the program (${version} is what we test with)`,
    `  - put the program \`${name}\` on your PATH, or at ${cached}`,
    `  - install Go (https://go.dev/dl); it is then built once, from pinned sources`,
  ].join('\n');
}
