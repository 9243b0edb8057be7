import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { compileCommitted } from '../../bundle/compile-committed';
import { type ActionHandle, Countersign, type Credential } from '../../client';
import { waitUntil } from '../../stack/wait-until';
import { opa, policyDirectory } from '../bundle/policy-directory';
import { type Spine, startSpine } from './spine';
import { createTargetDatabase, type TargetDatabase } from './target-database';

/** Everything that a governed action passes through, and a database that lends logins to its agent. */
export interface Lending {
  readonly spine: Spine;
  readonly books: TargetDatabase;
  readonly agent: Countersign;
  /** Its id. */
  readonly agentId: string;
  /** Every password that an agent was given so far. */
  readonly passwords: readonly string[];
  /** @param key the same one asks for the same access */
  ask(what?: 'books.look' | 'books.glance' | 'books.mend' | 'books.study', key?: string): Promise<ActionHandle>;
  claim(handle: ActionHandle): Promise<Credential>;
  login(credential: Credential, database?: string): Promise<Client>;
  /** Asserted at the target: nobody logs in any more, nobody is there any more, and no role of the kind exists. */
  expectDead(credential: Credential, session: Client, withinMs?: number): Promise<void>;
  /** The events of the ledger about an action, in order. */
  eventsOf(id: string): Promise<string[]>;
  /** Ends the connections of a test. */
  hangUp(): Promise<void>;
  stop(): Promise<void>;
}

/** @param more further files of its policies, by path */
export async function startLending(more: Readonly<Record<string, string>> = {}): Promise<Lending> {
  const books = await createTargetDatabase();
  const policies = await policyDirectory({ ...policyFiles(books), ...more });
  await compileCommitted(policies, await opa(), { write: true });
  const spine = await startSpine({
    policies,
    workerSettings: {
      COUNTERSIGN_TARGET_BOOKS: books.target.address,
      COUNTERSIGN_SECRET_BOOKS_MINTER: books.minterPassword,
    },
  });
  const agent = new Countersign({ url: spine.gatewayUrl, key: spine.agentKey });
  const passwords: string[] = [];
  const connections: Client[] = [];

  const login: Lending['login'] = async ({ host, port, user, password, ...own }, database = own.database) => {
    const client = new Client({ host, port, database, user, password });
    client.on('error', () => undefined);
    await client.connect();
    connections.push(client);
    return client;
  };
  return {
    ...{ spine, books, agent, passwords, login },
    agentId: 'invoice-agent',
    ask: async (what = 'books.look', key = randomUUID()) => await agent.submit(what, { why: 'to see' }, { key }),
    claim: async (handle) => {
      const claimed = await handle.claim({ waitMs: 20_000 });
      if (claimed.kind !== 'claimed') throw new Error(`not claimed: ${claimed.outcome.say}`);
      passwords.push(claimed.credential.password);
      return claimed.credential;
    },
    expectDead: async (credential, session, withinMs = 5_000) => {
      await waitUntil(async () => (await books.jitRoles()).length === 0, { what: 'A role is left', withinMs });
      expect(await sqlState(session.query('select 1'))).not.toBeUndefined();
      expect(await sqlState(login(credential))).toMatch(/^28/);
      expect(await books.rows('select from pg_stat_activity where usename = $1', [credential.user])).toEqual([]);
    },
    eventsOf: async (id) =>
      (
        await spine.auditor.query<{ event: string }>(
          `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger
           where leaf::jsonb -> 'entry' ->> 'action' = $1 or key like $2 order by seq`,
          [id, `%${id}.%`],
        )
      ).rows.map(({ event }) => event),
    hangUp: async () => void (await Promise.all(connections.splice(0).map(async (client) => await client.end()))),
    stop: async () => {
      await spine.stop();
      await books.drop();
    },
  };
}

/** The SQLSTATE with which work is refused, or `lost`. */
export async function sqlState(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? 'lost',
  );
}

const type = (id: string, effect: string, access: string, grantTtl: string): string => `
kind: ActionType
id: ${id}
version: 1
owner: team:finance
risk: high
effect: ${effect}
lane: granted
params:
  type: object
  additionalProperties: false
  required: [why]
  properties:
    why: { type: string, maxLength: 100 }
steps:
  - { id: look, target: books, do: ${access} }
grantTtl: ${grantTtl}
card:
  headline: 'Access: {why}'
  why: { text: /params/why }
`;

function policyFiles(books: TargetDatabase): Readonly<Record<string, string>> {
  const { post, list } = books.target.operations;
  const target = {
    ...{ kind: 'Target', id: 'books', provider: 'postgres', address: 'postgres://books.invalid/books' },
    minter: books.target.minter,
    operations: { reading: { profile: list?.profile }, writing: { profile: post?.profile } },
  };
  return {
    'targets/books.json': JSON.stringify(target),
    'action-types/look.yaml': type('books.look', 'read', 'reading', '60s'),
    'action-types/glance.yaml': type('books.glance', 'read', 'reading', '4s'),
    // For whoever lives through a dozen deaths meanwhile.
    'action-types/study.yaml': type('books.study', 'read', 'reading', '10m'),
    'action-types/mend.yaml': type('books.mend', 'irreversible', 'writing', '60s'),
    'chains/two.yaml': `
kind: ApprovalChain
id: two
decideWithin: 1h
validFor: 15m
stages:
  - { from: ['group:finance-approvers'], need: 1 }
  - { from: ['group:controllers'], need: 1 }
`,
    'packs/org/books.rego': `package packs.org.books

import data.countersign.finding

findings contains finding.allow("books.reader") if "invoice-payer" in input.agent.roles

findings contains finding.approval("books.mends", "two", "Changes the books by hand.") if input.action.type == "books.mend"
`,
  };
}
