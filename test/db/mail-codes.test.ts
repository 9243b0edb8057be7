import { randomBytes } from 'node:crypto';
import { issueMailCode, tryMailCode, withdrawMailCode } from '../../db/mail-codes';
import { mailLinksOf } from '../../db/mail-links';
import { askPeople, seedAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let link: Buffer;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
});
beforeEach(async () => {
  const action = await seedAction(world, tenant);
  await askPeople(world, action);
  link = randomBytes(32);
  await mailLinksOf(world.loops).add({
    ...{ tenant, tokenHash: link, request: action.request, person: 'bob', digest: action.digest },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  });
});
afterAll(() => world.close());

const code = (): Buffer => randomBytes(32);
const issue = (hash: Buffer): Promise<boolean> =>
  world.as('gateway', tenant, (client) => issueMailCode(client, tenant, link, hash));
const withdraw = (hash: Buffer): Promise<void> =>
  world.as('gateway', tenant, (client) => withdrawMailCode(client, tenant, link, hash));
const attempt = (hash: Buffer): Promise<string> =>
  world.as('gateway', tenant, (client) => tryMailCode(client, tenant, link, hash));

/** How many of `times` wrong codes were compared with a code at all. */
async function guess(times: number): Promise<number> {
  let compared = 0;
  for (let i = 0; i < times; i += 1) if ((await attempt(code())) === 'wrong') compared += 1;
  return compared;
}

it('lets each of three codes be tried five times, whatever the ones before it left', async () => {
  for (const [tries, compared] of [
    [2, 2],
    [9, 5],
    [9, 5],
  ] as const) {
    expect(await issue(code())).toBe(true);
    expect(await guess(tries)).toBe(compared);
  }
  expect(await issue(code())).toBe(false);
});

it('lets no more be tried over one link while the mails of its codes fail', async () => {
  let compared = 0;
  for (let i = 0; i < 8; i += 1) {
    const lost = code();
    await issue(lost);
    compared += await guess(6);
    await withdraw(lost);
    expect(await attempt(lost)).toBe('none');
  }
  expect(compared).toBe(15);
});

it('gives a code back that was not sent, with all its tries', async () => {
  for (let i = 0; i < 9; i += 1) {
    const lost = code();
    expect(await issue(lost)).toBe(true);
    await withdraw(lost);
  }
  const sent = code();
  expect(await issue(sent)).toBe(true);
  expect(await guess(4)).toBe(4);
  expect(await attempt(sent)).toBe('right');
});

it('takes no code back but the one whose mail failed', async () => {
  const [lost, sent] = [code(), code()];
  await issue(lost);
  await issue(sent);
  await withdraw(lost);
  expect(await attempt(sent)).toBe('right');
  expect(await issue(code())).toBe(true);
  expect(await issue(code())).toBe(false);
});
