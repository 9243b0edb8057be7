import { createEndGrant } from '../activities/end-grant';
import { grantFoundAlive } from '../activities/entries';
import { type TouchingDeps } from '../activities/deps';
import { inTransaction } from '../db/in-transaction';
import {
  finishReconciliation,
  findReconciliation,
  ownersOfRoles,
  type TakenReconciliation,
  takeReconciliation,
} from '../db/reconciliations';
import { type Json } from '../domain/json';
import { type Finding, type Look, MAX_FINDINGS } from '../domain/reconciliation';
import { digestOf } from '../evidence/digest-of';
import { isDatabase, lookAtTargets, type LookingDeps, type Seen } from './look-at-targets';

/**
 * Looks, for an operator who asked, at what targets have against what the table of grants says. What is thought dead and is there is ended at once,
 * whosever it is; what nobody knows is reported, and ended only where a person asked for that after it was reported.
 */
export function createReconcileGrants(looking: LookingDeps) {
  const { pool, deps, databases } = looking;
  const endGrant = createEndGrant(deps);

  return async function reconcileGrants(): Promise<boolean> {
    const asked = await inTransaction(pool, async (client) => await takeReconciliation(client));
    if (asked === undefined) return false;
    const { tenant } = asked;
    const aliens = asked.endsAliensOf === null ? [] : await endNamed(asked, asked.endsAliensOf);
    const seen = await lookTwice(tenant);
    const undead: Finding[] = [];
    for (const each of seen.undead) {
      const done = (await endAgain(deps, endGrant, each)) ? 'ended' : 'alive';
      const { target, role, grantId: grant } = each;
      if (each.tenant === tenant) undead.push({ kind: 'found_alive', target, role, grant, done });
    }
    const handled = new Set(aliens.map(nameOf));
    const others = seen.findings.filter((finding) => !handled.has(nameOf(finding)));
    const there = new Set(seen.findings.map(nameOf));
    // Of what was ended, a look that sees it says otherwise: it was made again, or its target has moved, and was asked where it is now.
    const told = aliens.map((alien): Finding =>
      alien.done === 'ended' && there.has(nameOf(alien)) ? { ...alien, done: 'alive' } : alien,
    );
    await tell(deps, asked, seen.targets, [...told, ...undead, ...others]);
    return true;
  };

  /** What comes and goes between our look at the table and our look at a target is found by one look, and not by the next. */
  async function lookTwice(tenant: string): Promise<Seen> {
    const first = await lookAtTargets(looking, tenant);
    if (first.findings.length + first.undead.length === 0) return first;
    const second = await lookAtTargets(looking, tenant);
    const before = new Set(first.findings.map(nameOf));
    const deadBefore = new Set(first.undead.map(({ role, target }) => `${target}/${role}`));
    return {
      targets: second.targets,
      findings: second.findings.filter((finding) => before.has(nameOf(finding))),
      undead: second.undead.filter(({ role, target }) => deadBefore.has(`${target}/${role}`)),
    };
  }

  /** The aliens of an earlier report, if nobody knows them still. */
  async function endNamed({ tenant }: TakenReconciliation, report: string): Promise<readonly Finding[]> {
    const earlier = await deps.db.readAsTenant(tenant, (client) => findReconciliation(client, tenant, report));
    const named = (earlier?.findings ?? []).filter(({ kind }) => kind === 'alien');
    const roles = named.flatMap(({ role }) => role ?? []);
    const known = await inTransaction(pool, async (client) => await ownersOfRoles(client, roles));
    const aliens = named.filter(({ role = '' }) => !known.has(role));
    const ended: Finding[] = [];
    for (const target of new Set(aliens.map((alien) => alien.target))) {
      const here = aliens.filter((alien) => alien.target === target);
      const document = deps.pdp().catalogue.targets[target];
      const answer =
        document !== undefined && isDatabase(document)
          ? await databases.endAliens(
              document,
              here.flatMap(({ role }) => role ?? []),
            )
          : undefined;
      for (const alien of here)
        ended.push({ ...alien, done: (answer?.kind === 'done' && answer.done.get(alien.role ?? '')) || 'alive' });
    }
    return ended;
  }
}

const nameOf = ({ kind, target, role, grant }: Finding): string => JSON.stringify([kind, target, role, grant]);

/** By the way of every credential: the table says that it lives, and it is ended until it does not. */
async function endAgain(
  { db }: TouchingDeps,
  endGrant: ReturnType<typeof createEndGrant>,
  { tenant, grantId, action }: Seen['undead'][number],
): Promise<boolean> {
  const alive = await db.withTenant(tenant, async (client) => {
    const reopened = await db.reopenGrants(client, tenant, [grantId]);
    await db.appendWithin(client, tenant, reopened.map(grantFoundAlive));
    return (await db.liveGrants(client, tenant, action)).find((grant) => grant.grantId === grantId);
  });
  return alive === undefined || (await endGrant(tenant, alive));
}

async function tell(
  { db }: TouchingDeps,
  { tenant, id }: TakenReconciliation,
  targets: readonly Look[],
  all: readonly Finding[],
): Promise<void> {
  const findings = all.slice(0, MAX_FINDINGS);
  const digest = digestOf('findings', { targets, findings } as unknown as Json);
  const count = (kind: Finding['kind']): number => all.filter((finding) => finding.kind === kind).length;
  const entry = {
    ...{ reconciliation: id, digest, aliens: count('alien'), foreign: count('foreign'), missing: count('missing') },
    ...{ foundAlive: count('found_alive'), unverified: count('unverified') },
    ended: all.filter(({ done }) => done === 'ended').length,
  };
  await db.withTenant(tenant, async (client) => {
    if (!(await finishReconciliation(client, tenant, id, { targets, findings, digest }))) return;
    await db.appendWithin(client, tenant, [
      { key: `reconciliation/${id}/finished`, event: 'reconciliation.finished', entry },
    ]);
  });
}
