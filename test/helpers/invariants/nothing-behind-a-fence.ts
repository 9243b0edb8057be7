import { type Evidence } from './evidence';

/** I10: while a fence is closed nothing begins in its scope but what takes back. The order is that of the ledger's sequence numbers. */
export function nothingBehindAFence({ entries, actions }: Evidence): readonly string[] {
  const scopesOf = new Map(
    actions.map(({ action, agent, team, type }) => [
      action,
      ['global', 'tenant', `agent:${agent}`, `team:${team}`, `action-type:${type}`],
    ]),
  );
  const closed = new Set<string>();
  return entries.flatMap(({ event, entry }) => {
    if (event === 'fence.moved') {
      if (entry['closed'] === true) closed.add(String(entry['scope']));
      else closed.delete(String(entry['scope']));
    }
    if (event !== 'effect.begun' || entry['kind'] !== 'do') return [];
    const action = String(entry['action']);
    const behind = (scopesOf.get(action) ?? []).find((scope) => closed.has(scope));
    return behind === undefined ? [] : [`I10 ${action} began an effect behind the fence ${behind}`];
  });
}
