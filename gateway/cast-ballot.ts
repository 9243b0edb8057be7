import { type PoolClient } from 'pg';
import { type Ballot, type BallotResult, castVote } from '../db/cast-vote';
import { findActionOfRequest } from '../db/find-action';
import { listVotes } from '../db/list-votes';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps } from './deps';
import { startable } from './start-action';
import { wakeNow } from './wake-now';

/** `before`: this very vote was recorded earlier, and counts once. `refused`: nothing was recorded but the refusal. */
export type Cast =
  | { readonly kind: 'recorded'; readonly before: boolean }
  | { readonly kind: 'refused'; readonly code: Exclude<BallotResult, 'recorded'> };

/**
 * The one way from any channel to a vote. Once it has resolved with `recorded`, the vote is committed. `within` runs in
 * the same transaction, before the vote: what it throws leaves nothing behind. `recorded` runs there after a vote that was recorded, now or before.
 */
export async function castBallot(
  deps: Omit<GatewayDeps, 'pages'>,
  tenant: string,
  ballot: Ballot,
  within: (client: PoolClient) => Promise<void> = async () => undefined,
  recorded: (client: PoolClient) => Promise<void> = async () => undefined,
): Promise<Cast> {
  const { result, action, repeated } = await withTenant(deps.pool, tenant, async (client) => {
    await within(client);
    const [action, result] = await Promise.all([
      findActionOfRequest(client, tenant, ballot.request),
      castVote(client, tenant, ballot),
    ]);
    const repeated =
      result === 'already_voted' &&
      (await listVotes(client, tenant, ballot.request)).some((vote) => isSame(vote, ballot));
    if (result === 'recorded' || repeated) await recorded(client);
    return { result, action, repeated };
  });
  const { channel, choice } = ballot;
  if (!repeated) deps.metrics.count('countersign_votes_total', { channel, choice, result });
  if (action === undefined) return { kind: 'refused', code: 'not_found' };
  if (result !== 'recorded' && !repeated) {
    await recordRefusal(deps, tenant, action.id, ballot, result);
    return { kind: 'refused', code: result };
  }
  wakeNow(deps, startable(tenant, action));
  return { kind: 'recorded', before: repeated };
}

function isSame(vote: Pick<Ballot, 'person' | 'choice' | 'digest'>, ballot: Ballot): boolean {
  return vote.person === ballot.person && vote.choice === ballot.choice && vote.digest === ballot.digest;
}

/** Once per person, choice and cause: whoever repeats a refused vote does not make the ledger grow. */
async function recordRefusal(
  deps: Omit<GatewayDeps, 'pages'>,
  tenant: string,
  action: string,
  { request, person, choice, channel }: Ballot,
  code: BallotResult,
): Promise<void> {
  await deps.ledger.append(tenant, [
    {
      key: `vote-refused/${request}/${person}/${choice}/${code}`,
      event: 'vote.refused',
      entry: { action, channel, code, person, request, choice },
    },
  ]);
}
