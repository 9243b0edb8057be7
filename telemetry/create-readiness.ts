import { type Logger } from 'pino';
import { type NotReady } from '../domain/not-ready';

/** Asks one thing that work depends on. */
export interface ReadinessCheck {
  /** What is wrong when the question fails or is not answered in time. */
  readonly unanswered: NotReady;
  /** What is wrong; nothing where all is well. */
  readonly ask: () => Promise<readonly NotReady[]>;
}

export interface Readiness {
  /** What is missing now; nothing: work is taken. */
  reasons(): Promise<readonly NotReady[]>;
  /** From now on work is refused, for this process ends. */
  readonly drain: () => void;
  isDraining(): boolean;
}

/** A probe waits a second or two itself. */
const ANSWER_WITHIN_MS = 1_500;
/** However often strangers ask, what it costs is asked once in this time. */
const KEPT_MS = 500;

/** Whether this process takes work. */
export function createReadiness(checks: readonly ReadinessCheck[], log: Pick<Logger, 'warn' | 'info'>): Readiness {
  let draining = false;
  let told = '';
  let kept: { readonly at: number; readonly answer: Promise<readonly NotReady[]> } | undefined;

  const askAll = async (): Promise<readonly NotReady[]> => {
    const answers = await Promise.all(checks.map(async (check) => await answerOf(check, log)));
    const missing = [...new Set(answers.flat())];
    if (missing.join() !== told) log[missing.length > 0 ? 'warn' : 'info']({ missing }, 'what is missing has changed');
    told = missing.join();
    return missing;
  };

  return {
    reasons: async () => {
      if (draining) return ['draining'];
      const now = performance.now();
      if (kept === undefined || now - kept.at > KEPT_MS) kept = { at: now, answer: askAll() };
      const answer = await kept.answer;
      // The answer may have been under way when the order came.
      return isDraining() ? ['draining'] : answer;
    },
    drain: () => {
      draining = true;
    },
    isDraining,
  };

  function isDraining(): boolean {
    return draining;
  }
}

async function answerOf({ ask, unanswered }: ReadinessCheck, log: Pick<Logger, 'warn'>): Promise<readonly NotReady[]> {
  const failed = (error: unknown): readonly NotReady[] => {
    log.warn({ err: error, missing: unanswered }, 'a question about readiness failed');
    return [unanswered];
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly NotReady[]>((resolve) => {
    timer = setTimeout(() => resolve([unanswered]), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([ask().catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}
