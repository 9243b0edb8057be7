import { hash } from 'node:crypto';
import { databaseTime } from '../db/database-time';
import { findAgent } from '../db/find-agent';
import { listStoppedTypes } from '../db/list-stopped-types';
import { serveIdentity } from '../db/serve-identity';
import { withTenant } from '../db/with-tenant';
import { decidesItself } from '../domain/agent-life';
import { type AgentIdentity } from '../domain/guard-input';
import { type SignedClientBundle } from '../pdp/client-bundle-format';
import { type AgentCaller } from './caller';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

/** What an agent's process decides by. Only the bundle is signed; the rest is the gateway's word. */
export interface ServedBundle {
  /** Changes with anything but the time. */
  readonly etag: string;
  readonly bundle: SignedClientBundle;
  readonly agent: AgentIdentity;
  /** Action types that a fence stops for this agent now. */
  readonly stopped: readonly string[];
  /** The database's, which is policy's clock. */
  readonly time: string;
}

export async function serveBundle(
  { pool, agentBundles }: Pick<GatewayDeps, 'pool' | 'agentBundles'>,
  { tenant, id }: AgentCaller,
): Promise<ServedBundle> {
  const inForce = await agentBundles.inForce();
  if (inForce === undefined) throw new RequestRefused('not_ready', { detail: 'No bundle was put in force yet.' });
  const bundle = inForce.client;
  return await withTenant(pool, tenant, async (client) => {
    const agent = await findAgent(client, tenant, id);
    if (agent === undefined) throw new RequestRefused('unauthenticated'); // gone since the key was looked up
    const { generation, version, owner, team, roles, environment, state } = agent;
    if (!decidesItself(state)) throw new RequestRefused('agent_not_active');
    if (bundle === undefined)
      throw new RequestRefused('not_found', { detail: 'No action type is in the lane cooperative.' });
    const identity = { tenant, environment, id, generation, version, owner, team, roles };
    const stopped = await listStoppedTypes(client, tenant, agent, Object.keys(bundle.content.actionTypes));
    const digest = await serveIdentity(client, identity);
    const etag = `"${hash('sha256', [bundle.manifest.digest, bundle.manifest.version, digest, ...stopped].join('\n'))}"`;
    return { etag, bundle, agent: identity, stopped, time: await databaseTime(client) };
  });
}
