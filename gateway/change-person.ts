import { type PoolClient } from 'pg';
import {
  type ChangeAsked,
  changePeople,
  confirmAdmin,
  type PeopleChange,
  type PeopleResult,
} from '../db/change-people';
import { listPeople, type ListedPerson } from '../db/list-people';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

type Deps = Pick<GatewayDeps, 'pool' | 'ledger'>;

/** Makes the changes in one transaction, all or none, and answers with the person as they are then. @throws RequestRefused */
export async function changePerson(
  deps: Deps,
  tenant: string,
  asked: ChangeAsked,
  changes: readonly PeopleChange[],
): Promise<ListedPerson> {
  return await change(deps, tenant, asked, changes[0]?.do ?? 'nothing', async (client) => {
    for (const each of changes) checkResult(await changePeople(client, tenant, asked, each));
  });
}

/** The second of the two people whom a further admin needs. @throws RequestRefused */
export async function confirmProposal(deps: Deps, tenant: string, asked: ChangeAsked): Promise<ListedPerson> {
  return await change(deps, tenant, asked, 'confirm_admin', async (client) =>
    checkResult(await confirmAdmin(client, tenant, asked)),
  );
}

/** What somebody tried who may do much else; the rest is a slip. */
const TOLD: readonly PeopleResult[] = ['own_change', 'second_person_needed', 'last_admin'];

async function change(
  { pool, ledger }: Deps,
  tenant: string,
  { actor, person }: ChangeAsked,
  what: string,
  work: (client: PoolClient) => Promise<void>,
): Promise<ListedPerson> {
  try {
    return await withTenant(pool, tenant, async (client) => {
      await work(client);
      const [now] = await listPeople(client, tenant, { person, limit: 1 });
      if (now === undefined) throw new RequestRefused('not_found');
      return now;
    });
  } catch (error) {
    // Once for each person, change and cause: whoever repeats it does not make the ledger grow.
    if (error instanceof RequestRefused && TOLD.some((code) => code === error.code))
      await ledger.append(tenant, [
        {
          key: `people-refused/${actor}/${person}/${what}/${error.code}`,
          event: 'people.refused',
          entry: { actor, person, change: what, code: error.code },
        },
      ]);
    throw error;
  }
}

/** What was so already is as good as done. @throws RequestRefused, which ends the transaction too */
function checkResult(result: PeopleResult): void {
  if (result !== 'done' && result !== 'unchanged') throw new RequestRefused(result);
}
