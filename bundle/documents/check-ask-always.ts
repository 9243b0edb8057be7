import { isObject, type JsonObject, ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { type ChainSource } from './chain-shape';
import { type Sourced } from './sources';

/**
 * Judges `data.agents.ask_always`: the chain that countersigns whatever an agent in state `ask_always` asks for. Without one such an agent is
 * denied everything, which may be wanted; a name of no chain would do the same and is not.
 */
export function checkAskAlways(
  data: JsonObject,
  chains: ReadonlyMap<string, Sourced<ChainSource>>,
  incomplete: boolean,
): Problem[] {
  const agents = ownMember(data, 'agents');
  const chain = isObject(agents) ? ownMember(agents, 'ask_always') : undefined;
  if (chain === undefined || (typeof chain === 'string' && (incomplete || chains.has(chain)))) return [];
  return [
    {
      file: 'data/agents.yaml',
      path: '/ask_always',
      message: 'is the id of no approval chain, so an agent in state ask_always would be denied everything.',
      remedy: 'Name a chain, or remove it if that is what you want.',
    },
  ];
}
