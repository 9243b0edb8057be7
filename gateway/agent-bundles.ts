import { type Pool } from 'pg';
import { bundleInForce } from '../db/bundle-in-force';
import { bundleReplacedAt } from '../db/bundle-replaced-at';
import { findBundle } from '../db/find-bundle';
import { type SignedBundle } from '../pdp/bundle-format';
import { type SignedClientBundle } from '../pdp/client-bundle-format';
import { clientBundleOf } from '../pdp/client-bundle-of';
import { createPdp, type Pdp } from '../pdp/create-pdp';
import { openBundle } from '../pdp/open-bundle';
import { openClientBundle } from '../pdp/open-client-bundle';

/** What the database holds of one bundle, verified. */
export interface AgentBundle {
  readonly digest: string;
  /** What agents get of it; `undefined` where no action type is cooperative. */
  readonly client: SignedClientBundle | undefined;
  /** Decides under the whole bundle. */
  whole(): Promise<Pdp>;
  /** Decides as an agent's process does. */
  asAgent(): Promise<Pdp>;
}

/** Bundles as agents' processes know them: from the database, which alone knows what is and was in force. */
export interface AgentBundles {
  /** `undefined` before the first one. */
  inForce(): Promise<AgentBundle | undefined>;
  /** When another took its place; null while it is in force, `undefined` if it never was. */
  replacedAt(digest: string): Promise<Date | null | undefined>;
  /** `undefined` if it was never in force. */
  find(digest: string): Promise<AgentBundle | undefined>;
}

/** The one in force, the one before, and what a slow process still has. A decision point takes a few megabytes. */
const MAX_HELD = 3;

export function createAgentBundles(pool: Pool, publicKeyPem: string): AgentBundles {
  const held = new Map<string, Promise<AgentBundle | undefined>>();
  const find = (digest: string): Promise<AgentBundle | undefined> => {
    const known = held.get(digest) ?? load(pool, digest, publicKeyPem);
    held.delete(digest); // and put last: the first goes first
    held.set(digest, known);
    known.catch(() => held.delete(digest));
    for (const [oldest] of held) if (held.size > MAX_HELD) held.delete(oldest);
    return known;
  };
  return {
    inForce: async () => {
      const digest = await bundleInForce(pool);
      return digest === undefined ? undefined : await find(digest);
    },
    replacedAt: (digest) => bundleReplacedAt(pool, digest),
    find,
  };
}

/** @throws BundleRefused if somebody changed what is stored */
async function load(pool: Pool, digest: string, publicKeyPem: string): Promise<AgentBundle | undefined> {
  const signed = await findBundle(pool, digest);
  if (signed === undefined) return undefined;
  const bundle = openBundle(signed, publicKeyPem);
  const client = clientBundleOf(JSON.parse(signed) as SignedBundle);
  return {
    digest,
    client,
    whole: once(() => createPdp(bundle)),
    asAgent: once(async () => createPdp(openClientBundle(client, publicKeyPem))),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
