import { type Catalogue } from './documents';
import { type Json, type JsonObject, ownMember } from './json';
import { type RenderedCard, renderCard } from './render-card';

/** The card as the catalogue in force draws it; without an action type of this very version, the bare facts of the request. */
export function cardOf(
  { actionTypes }: Pick<Catalogue, 'actionTypes'>,
  {
    type,
    typeVersion,
    params,
    agent,
  }: { readonly type: string; readonly typeVersion: number; readonly params: JsonObject; readonly agent: string },
  facts: Readonly<Record<string, Json>>,
  factsBefore: Readonly<Record<string, Json>> | null,
): RenderedCard {
  const actionType = ownMember(actionTypes, type);
  if (actionType?.version !== typeVersion) return { headline: `${type} for ${agent}`, fields: [] };
  return renderCard(actionType.card, { params, facts }, factsBefore);
}
