import { type Evidence } from './evidence';

/** I7: whoever countersigned what was carried out is neither its agent's owner nor whom it was for, and voted once. That they suffice is I1. */
export function approvalsOfOthers({ entries, witness }: Evidence): readonly string[] {
  const carriedOut = new Set(witness.effects.map(({ actionId }) => actionId));
  const requests = new Map(
    entries
      .filter(({ event }) => event === 'action.decided')
      .map(({ entry }) => [String(entry['request']), String(entry['action'])]),
  );
  const conflicted = new Map(
    entries
      .filter(({ event }) => event === 'action.requested')
      .map(({ entry }) => [String(entry['action']), [entry['owner'], entry['onBehalfOf']]]),
  );
  const votes = entries.filter(({ event, entry }) => event === 'vote.cast' && entry['choice'] === 'approve');
  const seen = new Set<string>();
  return votes.flatMap(({ entry }) => {
    const action = requests.get(String(entry['request'])) ?? '';
    if (!carriedOut.has(action)) return [];
    const vote = `${String(entry['person'])} on ${String(entry['request'])}`;
    return [
      ...(conflicted.get(action)?.includes(entry['person']) === true
        ? [`I7 a conflicted person approved: ${vote}`]
        : []),
      ...(seen.size === seen.add(vote).size ? [`I7 a person approved twice: ${vote}`] : []),
    ];
  });
}
