import { type Config } from '../config/config';
import { type GatewayDeps } from './deps';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The names under which each listener may be addressed: the one that the world knows, and those of this machine while developing. The operators'
 * listener is on this machine alone as long as nothing names it. What answers monitoring is asked by programs that know it by other names.
 */
export function hostNames({
  mode,
  publicUrl,
  admin,
}: Pick<Config, 'mode' | 'publicUrl' | 'admin'>): GatewayDeps['hostNames'] {
  const here = mode === 'production' ? [] : LOOPBACK;
  return {
    agents: [...here, ...nameIn(publicUrl)],
    operators: admin.url === undefined ? LOOPBACK : [...here, ...nameIn(admin.url)],
    monitoring: LOOPBACK,
  };
}

function nameIn(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname];
}
