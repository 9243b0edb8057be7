import { type Client } from 'pg';
import { type WitnessRecord } from '../services/witness-book';

interface Change {
  readonly at: Date;
  readonly role: string;
  readonly operation: string;
  readonly id: string;
  readonly invoice: string;
  readonly amount: string;
  readonly currency: string;
  readonly reverses: string | null;
  readonly key: string | null;
}

/** A change and the marker of the same call: its login role made both, and nothing else. */
const CHANGES = `
  select c.at, c.role, c.operation, (c.posting).id, (c.posting).invoice, (c.posting).amount_minor as amount, (c.posting).currency,
         (c.posting).reverses, m.key
  from audit.changes c left join countersign.markers m on m.role = c.role order by c.id`;

/** Everything that changed in the books, in the words of the database. */
export async function readChanges(client: Client): Promise<readonly WitnessRecord[]> {
  return (await client.query<Change>(CHANGES)).rows.map(recordOf);
}

function recordOf({ at, role, operation, id, invoice, amount, currency, reverses, key }: Change): WitnessRecord {
  // A marker's key begins with whom it was for: <tenant>/<action>/<step>/<direction>.
  const [tenant, actionId] = key?.split('/') ?? [];
  return {
    service: 'books',
    at: at.getTime(),
    kind: 'effect',
    operation: operationOf(operation, reverses),
    tokenId: role,
    subject: id,
    invoiceId: invoice,
    amountMinor: reverses === null ? Number(amount) : -Number(amount),
    currency,
    ...(key !== null && { key }),
    ...(tenant !== undefined && { tenant }),
    ...(actionId !== undefined && { actionId }),
  };
}

/** Only insertions are anybody's business here; whatever else happened keeps the database's own name for it, and is counted as an effect. */
function operationOf(operation: string, reverses: string | null): string {
  if (operation !== 'INSERT') return operation.toLowerCase();
  return reverses === null ? 'insertPosting' : 'reversePosting';
}
