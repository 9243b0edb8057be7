import { BlockList, isIP } from 'node:net';

/** Never a target, wherever we run: this machine's link, nobody, everybody, and the places where clouds hand out credentials. */
const NEVER = [
  '0.0.0.0/8', // "this network"; 0.0.0.0 reaches loopback on Linux
  '169.254.0.0/16', // link-local, with the metadata services of most clouds
  '192.0.0.0/24', // protocol assignments, with one more metadata service
  '100.100.100.200/32', // a metadata service inside the carrier-grade range
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  'fe80::/10', // link-local
  'fec0::/10', // site-local, deprecated
  'ff00::/8', // multicast
  'fd00:ec2::254/128', // metadata over IPv6
  '64:ff9b::/96', // NAT64, 6to4 and Teredo carry an IPv4 address inside, which these rules would not see
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
];

/** Allowed only where the operator runs targets beside us, as the embedded stack does. */
const PRIVATE = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '::1/128',
  'fc00::/7',
];

const UNSPECIFIED_OR_COMPATIBLE = '::/96';

const never = blockList(NEVER);
const privately = blockList(PRIVATE);
const compatible = blockList([UNSPECIFIED_OR_COMPATIBLE]);

/**
 * Whether a connection to this IP address may be opened. Anything that is not an IP address is refused: names are resolved first.
 * IPv4 addresses written as IPv6 (`::ffff:169.254.169.254`) are judged as the IPv4 addresses they are.
 */
export function isAddressAllowed(address: string, rules: { readonly allowPrivate: boolean }): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (never.check(address, family)) return false;
  if (privately.check(address, family)) return rules.allowPrivate;
  // `::1` is in this range too, and was judged above.
  return !(family === 'ipv6' && compatible.check(address, family));
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), isIP(network) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
