import { type Logger } from 'pino';
import { type Catalogue } from '../domain/documents';
import { type PostgresProvider } from '../providers/postgres/create-postgres-provider';

/**
 * Asks every database target for login roles that were forgotten, and ends them. The table of grants knows of each role before it is made;
 * this is for one that came to be after its grant was closed.
 */
export function createSweepRoles(provider: Pick<PostgresProvider, 'sweep'>, catalogue: () => Catalogue, log: Logger) {
  return async function sweepRoles(): Promise<boolean> {
    for (const target of Object.values(catalogue().targets)) {
      if (target.provider !== 'postgres') continue;
      const swept = await provider.sweep(target);
      if (swept.kind === 'unanswered') {
        log.warn({ target: target.id, code: swept.code }, 'a target was not swept');
        continue;
      }
      const { ended, left } = swept;
      if (ended.length > 0) log.warn({ target: target.id, roles: ended }, 'ended forgotten roles');
      if (left.length > 0) log.warn({ target: target.id, roles: left }, 'forgotten roles could not be ended');
    }
    return false;
  };
}
