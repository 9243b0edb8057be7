import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';

/** One change of who may do what. `environment` is `*` where a role is to hold in all of them. */
export type PeopleChange =
  | { readonly do: 'add'; readonly name: string }
  /** `agentsTo`: who owns their agents from now on; without one these stop. */
  | { readonly do: 'leave'; readonly agentsTo?: string }
  | { readonly do: 'grant_role' | 'revoke_role'; readonly role: string; readonly environment: string }
  | { readonly do: 'propose_admin' }
  | { readonly do: 'join_group' | 'leave_group'; readonly group: string }
  | { readonly do: 'link_slack'; readonly slackTeam: string; readonly slackUser: string }
  | { readonly do: 'unlink_slack'; readonly slackTeam: string }
  | { readonly do: 'link_address'; readonly address: string }
  | { readonly do: 'unlink_address' }
  | { readonly do: 'same'; readonly sameAs: string }
  | { readonly do: 'issue_login'; readonly tokenHash: string; readonly login: string; readonly hours: number }
  | { readonly do: 'revoke_logins'; readonly login?: string };

export interface ChangeAsked {
  readonly actor: string;
  readonly person: string;
  readonly reason: string;
}

/** `unchanged`: it was so already. */
export type PeopleResult =
  | 'done'
  | 'unchanged'
  | 'forbidden'
  | 'not_found'
  | 'reason_required'
  | 'own_change'
  | 'second_person_needed'
  | 'person_exists'
  | 'identity_taken'
  | 'last_admin'
  | 'owner_not_active';

/** The only way to change people: the database function checks that the actor is an admin, and tells the ledger. */
export async function changePeople(
  client: PoolClient,
  tenant: string,
  { actor, person, reason }: ChangeAsked,
  change: PeopleChange,
): Promise<PeopleResult> {
  const { rows } = await client.query<{ result: PeopleResult }>(
    'select change_people($1::text, $2::text, $3::text, $4::jsonb) as result',
    [tenant, actor, reason, JSON.stringify({ ...change, person })],
  );
  return onlyRow(rows).result;
}

/** The second of the two people whom a further admin needs; `may_confirm_admin` says who that may be. */
export async function confirmAdmin(
  client: PoolClient,
  tenant: string,
  { actor, person, reason }: ChangeAsked,
): Promise<PeopleResult> {
  const { rows } = await client.query<{ result: PeopleResult }>(
    'select confirm_admin($1::text, $2::text, $3::text, $4::text) as result',
    [tenant, actor, reason, person],
  );
  return onlyRow(rows).result;
}
