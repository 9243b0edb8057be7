import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, type JsonObject } from '../../domain/json';
import { type Problem } from '../problem';
import { addData } from './add-data';
import { listFiles } from './list-files';
import { readYaml } from './read-yaml';

/** A text file of the directory. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A parsed document that still has to be judged. */
export interface SourceDocument {
  readonly file: string;
  readonly value: unknown;
}

export interface PolicyDirectory {
  readonly documents: readonly SourceDocument[];
  /** The files below `data/`, merged by path: `data/limits.yaml` is `data.limits`. */
  readonly data: JsonObject;
  readonly rego: readonly SourceText[];
}

/** Reads a policy directory, and judges only what can be judged file by file. */
export async function readDirectory(
  directory: string,
): Promise<{ readonly directory: PolicyDirectory; readonly problems: readonly Problem[] }> {
  const { files, problems: fileProblems } = await listFiles(directory);
  const problems = [...fileProblems];
  const documents: SourceDocument[] = [];
  const rego: SourceText[] = [];
  const data: Record<string, Json> = {};
  if (problems.length > 0) return { directory: { documents, data, rego }, problems };
  for (const file of files) {
    const extension = /\.(ya?ml|json|rego)$/.exec(file)?.[1];
    if (extension === undefined) {
      if (!file.endsWith('.md'))
        problems.push({
          file,
          path: '',
          message: 'is nothing that a policy is made of.',
          remedy: 'Move it elsewhere: policies are .yaml, .json and .rego files, with .md beside them.',
        });
      continue;
    }
    const text = decode(await readFile(join(directory, file)));
    if (text === undefined) {
      problems.push({ file, path: '', message: 'is not UTF-8.', remedy: 'Save it as UTF-8.' });
    } else if (extension === 'rego') {
      if (!file.startsWith('packs/'))
        problems.push({
          file,
          path: '',
          message: 'is Rego outside packs/.',
          remedy: 'Put it below packs/org/ or packs/team/<team>/.',
        });
      rego.push({ file, text });
    } else {
      const { value, problems: broken } = readYaml(file, text);
      problems.push(...broken);
      if (broken.length > 0) continue;
      if (file.startsWith('data/')) problems.push(...addData(data, file, value));
      else documents.push({ file, value });
    }
  }
  return { directory: { documents, data, rego }, problems };
}

function decode(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
