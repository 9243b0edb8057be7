import { type Workshop } from './workshop';

/** Dependencies of a worker that has looked once, stands still while all that happens, and goes on with what it saw. */
export function frozenWhile({ deps }: Workshop, happens: () => Promise<unknown>): Workshop['deps'] {
  let happened = false;
  return {
    ...deps,
    db: {
      ...deps.db,
      readAsTenant: async (tenant, work) => {
        const seen = await deps.db.readAsTenant(tenant, work);
        if (!happened) {
          happened = true;
          await happens();
        }
        return seen;
      },
    },
  };
}
