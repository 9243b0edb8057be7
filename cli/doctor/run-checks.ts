import { type Check, type Finding, problem } from './finding';
import { reasonOf } from './reason-of';

export interface Found extends Finding {
  readonly check: string;
}

/** Longer than any look of ours waits by itself, and short for a person who waits for all of them, which look at once. */
const WITHIN_MS = 12_000;

/** All looks at once, each with its own time. What fails or does not answer is a finding too. */
export async function runChecks(checks: readonly Check[], withinMs = WITHIN_MS): Promise<readonly Found[]> {
  const found = await Promise.all(
    checks.map(async (check) => (await within(check, withinMs)).map((finding) => ({ check: check.name, ...finding }))),
  );
  return found.flat();
}

async function within({ look, remedy }: Check, withinMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(
      () => resolve([problem(`does not answer within ${String(withinMs / 1_000)} s`, remedy)]),
      withinMs,
    );
  });
  const looked = async (): Promise<readonly Finding[]> => await look();
  try {
    return await Promise.race([
      looked().catch((error: unknown) => [problem(`cannot be asked (${reasonOf(error)})`, remedy)]),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
