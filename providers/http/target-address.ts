import { isIP } from 'node:net';
import { type HttpTarget } from '../../domain/documents';
import { ownMember } from '../../domain/json';
import { isAddressAllowed } from '../address-rules';

/**
 * The base address of a target, or `undefined` if nothing may be sent there. It comes from the target's document or the deployment's
 * configuration, never from an agent. Parsing by the URL standard turns `0x7f.1` and `2130706433` into the address that they are.
 */
export function targetAddress(
  target: HttpTarget,
  rules: { readonly allowPrivate: boolean; readonly addresses: Readonly<Record<string, string>> },
): URL | undefined {
  const address = ownMember(rules.addresses, target.id) ?? target.address;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  // On the way everybody reads what is not encrypted, the credential too. That a way is safe the deployment says, not whoever writes policy.
  if (url.protocol === 'http:' && !rules.allowPrivate) return undefined;
  // Credentials in an address end up in logs; a query or fragment would mix with that of the operations.
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Names are judged when they are resolved; `net.connect` never looks up a literal address.
  return isIP(host) === 0 || isAddressAllowed(host, rules) ? url : undefined;
}
