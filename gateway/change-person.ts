import { type PoolClient } from 'pg';
import { type ChangeAsked, changePeople, type PeopleChange, type PeopleResult } from '../db/change-people';
import { listPeople, type ListedPerson } from '../db/list-people';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

/** Makes the changes in one transaction, all or none, and answers with the person as they are then. @throws RequestRefused */
export async function changePerson(
  { pool }: Pick<GatewayDeps, 'pool'>,
  tenant: string,
  asked: ChangeAsked,
  changes: readonly PeopleChange[],
): Promise<ListedPerson> {
  return await withTenant(pool, tenant, async (client) => {
    for (const change of changes) checkResult(await changePeople(client, tenant, asked, change));
    return await personNow(client, tenant, asked.person);
  });
}

/** What was so already is as good as done. @throws RequestRefused, which ends the transaction too */
export function checkResult(result: PeopleResult): void {
  if (result !== 'done' && result !== 'unchanged') throw new RequestRefused(result);
}

export async function personNow(client: PoolClient, tenant: string, person: string): Promise<ListedPerson> {
  const [found] = await listPeople(client, tenant, { person, limit: 1 });
  if (found === undefined) throw new RequestRefused('not_found');
  return found;
}
