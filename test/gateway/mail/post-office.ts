import { performance } from 'node:perf_hooks';
import { type Pool } from 'pg';
import { createEmailChannel } from '../../../channels/email/create-email-channel';
import { createMailSender } from '../../../channels/email/create-mail-sender';
import { mailLinksOf } from '../../../db/mail-links';
import { createPool } from '../../../db/pool';
import { type ArrivedMail, type MailDouble, startMailDouble } from '../../../demo/doubles/mail/start-mail-double';
import { approvalPages } from '../../../gateway/pages/approval-pages';
import { createTellPeople } from '../../../loops/tell-people';
import { type Harness, type Reply, startHarness } from '../harness';

export const FROM = 'countersign@example.org';

export interface Open {
  readonly id: string;
  readonly digest: string;
  readonly action: string;
}

/** A gateway with the pages behind mails, the loop that sends them, and a mail server; bob and cleo have mailboxes. */
export interface PostOffice {
  readonly h: Harness;
  readonly server: MailDouble;
  /** One round of the loop, as if everything that is put off were due. True: everything due was told. */
  tell(): Promise<boolean>;
  open(options?: Parameters<Harness['openApproval']>[1], json?: object): Promise<Open>;
  /** Opens a request, for what `json` asks, tells, and takes the link out of the mail of this person. */
  linkFor(
    person: string,
    options?: Parameters<Harness['openApproval']>[1],
    json?: object,
  ): Promise<Open & { readonly path: string }>;
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  /** The code in the last mail to this person. */
  lastCode(person: string): string;
  votes(request: Open): Promise<string[]>;
  stop(): Promise<void>;
}

export async function openPostOffice(): Promise<PostOffice> {
  const server = await startMailDouble();
  const send = createMailSender({ url: server.url, from: FROM });
  const h = await startHarness((deps) => approvalPages({ ...deps, mail: { send, from: FROM } }));
  await h.superuser.query(
    `insert into person_addresses (tenant, person, address)
     values ('acme', 'bob', 'bob@example.org'), ('acme', 'cleo', 'cleo@example.org'), ('rival', 'bob', 'bob@rival.org')`,
  );
  const loops: Pool = createPool(h.database.loopsUrl, (error) => void h.log.push(error.message));
  const channel = createEmailChannel({
    ...{ send, links: mailLinksOf(loops), publicUrl: h.url, from: FROM },
    monotonicMs: () => performance.now(),
  });
  const note = (entry: unknown): void => void h.log.push(JSON.stringify(entry));
  const log = { warn: note, error: note };
  const tellPeople = createTellPeople({
    pool: loops,
    catalogue: () => h.deps.pdp.catalogue,
    email: channel,
    log,
    failed: () => undefined,
  });

  const open: PostOffice['open'] = async (options = {}, json = undefined) => {
    const as = options.tenant === 'rival' ? { as: 'foreign-agent' } : {};
    const action = (await h.act({ ...as, ...(json !== undefined && { json }) })).body.id;
    await h.deps.background.drain(5_000);
    return { ...(await h.openApproval(action, options)), action };
  };
  const tell = async (): Promise<boolean> => {
    await h.superuser.query('update notices set due_at = now()');
    return await tellPeople();
  };
  return {
    ...{ h, server, tell, open },
    linkFor: async (person, options, json) => {
      const before = server.mails.length;
      const request = await open(options, json);
      await tell();
      const mine = server.mails.slice(before).filter(({ to }) => to[0]?.startsWith(`${person}@`));
      // Another request may have been closed meanwhile, which is told by mail too.
      const mail = mine.find(({ parsed }) => parsed.subject?.startsWith('Decide:'));
      return { ...request, path: pathIn(mail) };
    },
    post: (path, form, headers = {}) =>
      h.request('POST', path, {
        raw: new URLSearchParams(form).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    lastCode: (person) => {
      const mail = server.mails.findLast(({ to }) => to[0]?.startsWith(`${person}@`));
      return /Code to (?:approve|deny): (\d{6})/.exec(mail?.parsed.text ?? '')?.[1] ?? 'none';
    },
    votes: async ({ id }) =>
      (
        await h.superuser.query<{ said: string }>(
          `select person || ' ' || choice || ' ' || channel as said from votes where request = $1 order by 1`,
          [id],
        )
      ).rows.map(({ said }) => said),
    stop: async () => {
      await loops.end();
      await h.stop();
      await server.stop();
    },
  };
}

export function pathIn(mail: ArrivedMail | undefined): string {
  const path = /\/approvals\/[A-Za-z0-9_-]{43}/.exec(mail?.parsed.text ?? '')?.[0];
  if (path === undefined) throw new Error('there is no link in the mail');
  return path;
}
