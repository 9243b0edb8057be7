import { isIP } from 'node:net';
import { type ClientConfig } from 'pg';
import { type PostgresTarget } from '../../domain/documents';
import { isAddressAllowed } from '../address-rules';

export type DatabaseAddress = Required<Pick<ClientConfig, 'host' | 'port' | 'database' | 'ssl'>>;

/** Databases are in private networks; at no address of theirs may one be where clouds hand out credentials. */
export const ADDRESS_RULES = { allowPrivate: true };

/**
 * Where a target's database is, or `undefined` if nobody may be sent there. The address comes from the target's document or the deployment's
 * configuration, never from an agent, and holds no credentials. The server has to prove who it is unless the address says `sslmode=disable`,
 * which counts only where `allowPlaintext` does.
 */
export function targetAddress(
  target: PostgresTarget,
  rules: { readonly allowPlaintext: boolean; readonly addresses: Readonly<Record<string, string>> },
): DatabaseAddress | undefined {
  const address = Object.hasOwn(rules.addresses, target.id) ? rules.addresses[target.id] : target.address;
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined;
  const sslmode = url.searchParams.get('sslmode') ?? 'verify-full';
  if (url.searchParams.size > 1 || (url.search !== '' && !url.searchParams.has('sslmode'))) return undefined;
  if (sslmode !== 'verify-full' && !(sslmode === 'disable' && rules.allowPlaintext)) return undefined;
  const database = decodeURIComponent(url.pathname.slice(1));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '' || database === '') return undefined;
  // Names are judged when they are resolved; `net.connect` never looks up a literal address.
  if (isIP(host) !== 0 && !isAddressAllowed(host, ADDRESS_RULES)) return undefined;
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    database,
    ssl: sslmode === 'disable' ? false : { rejectUnauthorized: true },
  };
}
