import { isRefused } from '../domain/refused';

/**
 * Asks until the answer is one of ours. What the codec refused was written into the history by somebody else; it says
 * nothing, and the question is put again. A workflow that choked on it would be stuck for ever.
 */
export async function heard<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (!isRefused(answer)) return answer;
  }
}
