import { createHash } from 'node:crypto';
import { type ActionType } from '../domain/documents';
import { type JsonObject } from '../domain/json';

/** An action type as a model is shown it. Being listed is not being allowed: policy decides each request. */
export interface Tool {
  /** The action type with hyphens for dots: letters, digits, `_` and `-`, at most 64, as models' interfaces ask. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema 2020-12 of the parameters; always of an object that takes no others. */
  readonly parameters: JsonObject & { readonly type: 'object' };
  /** What `act` is called with, or `guard` where the lane is cooperative. */
  readonly actionType: string;
  readonly lane: ActionType['lane'];
}

/** An action type as the gateway lists it, as far as a tool needs it. */
export type ListedActionType = Pick<ActionType, 'id' | 'risk' | 'effect' | 'lane' | 'params'> & {
  readonly headline: string;
};

const MAX_NAME = 64;

const EFFECTS: Readonly<Record<ActionType['effect'], string>> = {
  read: 'It changes nothing.',
  reversible: 'It can be undone.',
  compensable: 'It can be undone by a second operation.',
  irreversible: 'It cannot be undone.',
};

const WAITING =
  'It is judged by policy, and people may have to approve it: if the answer is that it waits, it has been asked for, and must not be asked for again.';

const AT_ONCE = 'It is judged by policy, at once.';

export function toolOf({ id, risk, effect, lane, params, headline }: ListedActionType): Tool {
  const { description } = params;
  const what = typeof description === 'string' ? description : headline.replaceAll(/\{([^{}]*)\}/g, '<$1>');
  return {
    name: nameOf(id),
    description: `${what.replace(/[.\s]*$/, '.')} Risk: ${risk}. ${EFFECTS[effect]} ${lane === 'cooperative' ? AT_ONCE : WAITING}`,
    parameters: params as Tool['parameters'],
    actionType: id,
    lane,
  };
}

/** No action type has a hyphen, so two never share a name. One that is too long keeps its beginning and a mark of the rest. */
function nameOf(id: string): string {
  const name = id.replaceAll('.', '-');
  if (name.length <= MAX_NAME) return name;
  const mark = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - mark.length - 1)}-${mark}`;
}
