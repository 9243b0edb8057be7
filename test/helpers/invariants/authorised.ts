import { isAuthorised } from '../../../demo/reckoning/authorisation';
import { about } from './about';
import { type Evidence } from './evidence';

/** I1: every effect was decided, and approved where it had to be, on the same digest, before it began; an undo follows from its own beginning. */
export function authorised({ witness, entries }: Evidence): readonly string[] {
  const undoes = new Set(
    entries
      .filter(({ event, entry }) => event === 'effect.begun' && entry['kind'] === 'undo')
      .map(({ entry }) => `${String(entry['grant'])} ${String(entry['idempotencyKey'])}`),
  );
  return witness.effects
    .filter((effect) => !isAuthorised(effect, entries) && !undoes.has(`${effect.tokenId ?? ''} ${effect.key ?? ''}`))
    .map((effect) => `I1 an effect that nobody allowed: ${about(effect)}`);
}
