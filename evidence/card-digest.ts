import { type RenderedCard } from '../domain/render-card';
import { digestOf } from './digest-of';

/**
 * The digest of a card as an approver was shown it. Under the action's salt, for amounts and names are soon guessed; who may see the action's
 * document has the salt and can compute it.
 */
export function cardDigest({ headline, fields }: RenderedCard, salt: string): string {
  const plain = fields.map(({ label, value, before }) => ({ label, value, ...(before !== undefined && { before }) }));
  return digestOf('card', { v: 1, headline, fields: plain, salt });
}
