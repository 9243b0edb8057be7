import { type GatewayConnection } from '../client/gateway-connection';

/** As many at once as the gateway gives. */
const PAGE = '100';

/** All of a list, in the gateway's order, however many pages it has. */
export async function allPages<T>(
  gateway: GatewayConnection,
  path: string,
  list: string,
  filter: Readonly<Record<string, string>> = {},
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const query = new URLSearchParams({ ...filter, limit: PAGE, ...(cursor !== undefined && { cursor }) });
    const { body } = await gateway.send({ method: 'GET', path: `${path}?${query.toString()}` });
    const page = body as Readonly<Record<string, readonly T[]>> & { readonly nextCursor: string | null };
    items.push(...(page[list] ?? []));
    cursor = page.nextCursor;
  }
  return items;
}
