import { type GovernedActionInput } from '../../workflows/contract/messages';

export interface ShapeActivities {
  act(input: GovernedActionInput & { readonly step: string }): Promise<{ kind: string; revoked: boolean }>;
}

/** One real round trip to a service on this machine, and an answer of the size that `performStep` gives. */
export function createShapeActivities(url: string): ShapeActivities {
  return {
    act: async (input) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(input) });
      if (!response.ok) throw new Error(`The bench's own service answered ${String(response.status)}.`);
      return { kind: 'done', revoked: true };
    },
  };
}
