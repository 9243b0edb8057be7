import { readCatalogue } from './documents/read-catalogue';
import { readDirectory } from './files/read-directory';
import { type Problem } from './problem';
import { checkRego } from './rego/check-rego';
import { runOpa } from './rego/run-opa';

/** Everything that is wrong with a policy directory, its formatting included; nothing is compiled or written. */
export async function checkDirectory(path: string, opaPath: string): Promise<readonly Problem[]> {
  const { directory, problems } = await readDirectory(path);
  const { problems: documents } = readCatalogue(directory.documents, directory.data);
  const { problems: rego } = await checkRego(opaPath, directory.rego);
  // What does not parse cannot be formatted, and has been reported.
  const formatting = rego.length === 0 ? await unformatted(path, opaPath) : [];
  return [...problems, ...documents, ...rego, ...formatting];
}

async function unformatted(path: string, opaPath: string): Promise<Problem[]> {
  const { ok, stdout, stderr } = await runOpa(opaPath, ['fmt', '--list', 'packs'], path);
  if (!ok) throw new Error(`opa fmt failed: ${stderr}`);
  const files = stdout.split('\n').filter((line) => line !== '');
  return files.map((file) => ({
    file,
    path: '',
    message: 'is not formatted.',
    remedy: `Run opa fmt --write ${file}.`,
  }));
}
