import { type LookupAddress } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { type LookupFunction } from 'node:net';
import { isAddressAllowed } from './address-rules';

/** Finds the addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Error code, in the manner of `ENOTFOUND`, of a name that leads to an address where no target may be. */
export const FORBIDDEN_ADDRESS = 'EFORBIDDENADDRESS';

/** The resolver of the operating system, every address of the name. */
export const resolveBySystem: Resolve = (host) => lookupAll(host, { all: true });

/**
 * A lookup for `net.connect` that resolves once and gives the connection exactly what was judged, so that a name which answers
 * differently the second time (DNS rebinding) gains nothing. One forbidden address spoils the name: whoever publishes it is not trusted with the rest.
 */
export function createPinnedLookup(resolve: Resolve, rules: { readonly allowPrivate: boolean }): LookupFunction {
  return (host, options, callback) => {
    const answer = (addresses: readonly LookupAddress[]): void => {
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAddressAllowed(address, rules))) {
        callback(
          Object.assign(new Error('the name of a target leads to a forbidden address'), { code: FORBIDDEN_ADDRESS }),
          '',
        );
      } else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    };
    resolve(host).then(answer, (cause: unknown) =>
      callback(Object.assign(new Error('the name of a target was not resolved', { cause }), { code: 'ENOTFOUND' }), ''),
    );
  };
}
