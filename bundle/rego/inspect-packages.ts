import { z } from 'zod';
import { type Problem } from '../problem';
import { isTest } from './read-library';
import { runOpa } from './run-opa';

/** The packages that make up the policy, as Rego references: `data.packs.org.payments`. */
export interface Packs {
  readonly org: readonly string[];
  readonly team: Readonly<Record<string, readonly string[]>>;
}

const inspection = z.object({ namespaces: z.record(z.string(), z.array(z.string())).optional() });

const TEAM_FILE = /^packs\/team\/([a-z0-9-]{1,63})\/./;

/**
 * Which packages there are, by owner, as opa's own parser reads them. A package outside its owner's directory is a problem: a team's file
 * that declares `package packs.org.payments` would speak for the organisation, and could turn a deny into an allow.
 *
 * @param directory a workspace in which all Rego below `packs/` is known to parse.
 * @returns `undefined` for Rego that does not compile; opa's own check says why.
 */
export async function inspectPackages(
  opaPath: string,
  directory: string,
): Promise<{ readonly packs: Packs; readonly problems: readonly Problem[] } | undefined> {
  const run = await runOpa(opaPath, ['inspect', '--format', 'json', 'packs'], directory);
  if (!run.ok) return undefined;
  const problems: Problem[] = [];
  const org: string[] = [];
  const team: Record<string, string[]> = {};
  for (const [name, files] of Object.entries(inspection.parse(JSON.parse(run.stdout)).namespaces ?? {})) {
    for (const file of files) problems.push(...checkOwner(name, file));
    const [source] = files.filter((file) => !isTest(file));
    if (source === undefined) continue;
    const id = TEAM_FILE.exec(source)?.[1];
    if (id === undefined) org.push(name);
    else (team[id] ??= []).push(name);
  }
  if (org.length === 0)
    problems.push({
      file: 'packs/org',
      path: '',
      message: 'There is no pack of the organisation, and only the organisation can allow.',
      remedy: 'Write one: packs/org/<name>.rego with package packs.org.<name>.',
    });
  return {
    packs: {
      org: org.sort(),
      team: Object.fromEntries(
        Object.entries(team)
          .sort()
          .map(([id, names]) => [id, names.sort()]),
      ),
    },
    problems,
  };
}

function checkOwner(name: string, file: string): Problem[] {
  const owner = ownerOf(file);
  if (owner === undefined) {
    return [
      {
        file,
        path: '',
        message: 'has no owner.',
        remedy:
          'Move it below packs/org/ or packs/team/<team>/, with a team id of lower-case letters, digits and hyphens.',
      },
    ];
  }
  const roots = isTest(file) ? [owner.root, owner.testRoot] : [owner.root];
  if (roots.some((root) => name === root || name.startsWith(`${root}.`) || name.startsWith(`${root}[`))) return [];
  return [
    {
      file,
      path: 'package',
      message: `declares ${name.slice('data.'.length)}, which is not its owner's.`,
      remedy: `Declare a package below ${owner.root.slice('data.'.length)}, or move the file to that package's owner.`,
    },
  ];
}

function ownerOf(file: string): { readonly root: string; readonly testRoot: string } | undefined {
  if (file.startsWith('packs/org/')) return { root: 'data.packs.org', testRoot: 'data.packs.org_test' };
  const id = TEAM_FILE.exec(file)?.[1];
  // No team id contains an underscore, so the package of a test is nobody else's.
  return id === undefined
    ? undefined
    : { root: `data.packs.team${member(id)}`, testRoot: `data.packs.team${member(`${id}_test`)}` };
}

/** As opa prints it: `.finance`, `["fin-ops"]`. */
function member(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
