import { execFile } from 'node:child_process';

/** The largest policies compile within seconds; whatever takes longer hangs. */
const TIMEOUT_MS = 60_000;

const MAX_OUTPUT_BYTES = 67_108_864;

export interface OpaRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs Open Policy Agent as a build tool. A run that finds fault with the policy is a result, not an error.
 *
 * @throws Error when the program cannot be run at all, or does not come to an end.
 */
export function runOpa(opaPath: string, args: readonly string[], directory: string): Promise<OpaRun> {
  return new Promise((resolve, reject) => {
    execFile(
      opaPath,
      args,
      { cwd: directory, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, env: {} },
      (error, stdout, stderr) => {
        if (error !== null && (typeof error.code !== 'number' || error.killed === true)) {
          reject(
            new Error(`${opaPath} ${args[0] ?? ''} could not be run. Name a working opa 1.x in COUNTERSIGN_OPA.`, {
              cause: error,
            }),
          );
        } else resolve({ ok: error === null, stdout, stderr });
      },
    );
  });
}
