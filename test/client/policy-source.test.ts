import { type GatewayConnection } from '../../client/gateway-connection';
import { PolicySource } from '../../client/guard/policy-source';
import { clientBundleOf } from '../../pdp/client-bundle-of';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { build, keys } from '../bundle/policy-directory';
import { waitUntil } from '../../stack/wait-until';

afterEach(() => jest.restoreAllMocks());

test('a clock that is set makes nobody tell another time than the gateway’s', async () => {
  const bundle = clientBundleOf(await build(COOPERATIVE));
  const agent = {
    tenant: 't',
    environment: 'e',
    id: 'a',
    generation: 1,
    version: '1',
    owner: 'o',
    team: 't',
    roles: [],
  };
  const told = '2026-03-02T09:30:00.000Z';
  let asked = 0;
  const connection: Pick<GatewayConnection, 'send'> = {
    send: () => {
      asked += 1;
      const headers = new Headers({ 'countersign-time': told, etag: '"1"' });
      return Promise.resolve(
        asked === 1
          ? { status: 200, body: { bundle, agent, stopped: [] }, headers }
          : { status: 304, body: {}, headers },
      );
    },
  };
  const source = new PolicySource(connection as GatewayConnection, keys.publicKeyPem, 600);
  const near = async (): Promise<number> => Math.abs(Date.parse((await source.current()).now()) - Date.parse(told));
  expect(await near()).toBeLessThan(60_000);

  const { now } = Date;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  // It may be that an hour has passed, as when the machine slept: until the gateway is heard of, nothing is decided.
  expect((await source.current()).outdated).toBe(true);
  expect(await near()).toBeLessThan(60_000);
  await waitUntil(async () => !(await source.current()).outdated, { what: 'It did not look', withinMs: 10_000 });
  expect(await near()).toBeLessThan(60_000);
  source.stop();
}, 60_000);
