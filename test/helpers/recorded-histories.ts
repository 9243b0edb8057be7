import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

/** A run of a workflow as the server stored it, and what has to be known to read it: its payloads are bound to the namespace and to the workflow. */
export interface RecordedHistory {
  readonly namespace: string;
  readonly workflowId: string;
  /** What was in the parameters, the reasons and the tokens of this run, and so must not be in its history. */
  readonly secrets: readonly string[];
  /** Temporal's JSON. */
  readonly history: object;
}

const ROOT = join(packageRoot(), 'test', 'histories');

/** The key that opens all of them; public, and used for nothing else. */
export const RECORDING_KEYS = join(ROOT, 'codec.json');

/** All recorded histories, by their path: `governed-action/v1/denied`. */
export function recordedHistories(): ReadonlyMap<string, RecordedHistory> {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) => /\/.*\.json$/.test(path));
  return new Map(
    files
      .sort()
      .map((path) => [
        path.replace(/\.json$/, ''),
        JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as RecordedHistory,
      ]),
  );
}

/**
 * Writes the recordings of a version.
 *
 * @throws where there are some already: what was recorded is what that version really did.
 */
export function writeRecordings(
  workflow: string,
  version: string,
  recorded: readonly (readonly [string, RecordedHistory])[],
): void {
  mkdirSync(join(ROOT, workflow), { recursive: true });
  mkdirSync(join(ROOT, workflow, version));
  for (const [name, history] of recorded)
    writeFileSync(join(ROOT, workflow, version, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
}
