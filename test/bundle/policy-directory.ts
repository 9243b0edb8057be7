import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildBundle } from '../../bundle/build-bundle';
import { type Problem } from '../../bundle/problem';
import { readCatalogue } from '../../bundle/documents/read-catalogue';
import { readDirectory } from '../../bundle/files/read-directory';
import { type SignedBundle } from '../../pdp/bundle-format';
import { createPdp, type Pdp } from '../../pdp/create-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { findTool } from '../../stack/find-tool';

export type Files = Readonly<Record<string, string>>;

const temporary: string[] = [];

/** A directory with these files, until the test file is done. */
export async function policyDirectory(files: Files): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-test-policies-'));
  temporary.push(directory);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), text);
  }
  return directory;
}

afterAll(async () => {
  for (const directory of temporary) await rm(directory, { recursive: true, force: true });
});

export function newKeys(): { readonly privateKeyPem: string; readonly publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export const keys = newKeys();

export function opa(): Promise<string> {
  return findTool('opa', (line) => void process.stderr.write(`${line}\n`));
}

export async function build(files: Files, version = 1): Promise<SignedBundle> {
  return buildBundle({
    directory: await policyDirectory(files),
    privateKeyPem: keys.privateKeyPem,
    version,
    opaPath: opa,
  });
}

export async function pdpOf(files: Files): Promise<Pdp> {
  return createPdp(openBundle(JSON.stringify(await build(files)), keys.publicKeyPem));
}

/** A domain that nothing else in this repository knows: restarting services. */
export const INFRA: Files = {
  'action-types/restart.yaml': `
kind: ActionType
id: infra.restart_service
version: 1
owner: team:platform
risk: high
effect: reversible
lane: brokered
params:
  type: object
  additionalProperties: false
  required: [service, replicas]
  properties:
    service: { type: string, pattern: '^[a-z-]{1,40}$' }
    replicas: { type: integer, minimum: 1, maximum: 50 }
facts:
  service: { source: cluster, query: serviceByName, args: { name: /params/service }, missing: deny }
steps:
  - { id: restart, target: cluster, do: restart, undo: rollBack, status: restartByKey }
grantTtl: 1m
card:
  headline: 'Restart {service}'
  service: { text: /params/service }
`,
  'targets/cluster.json': JSON.stringify({
    kind: 'Target',
    id: 'cluster',
    provider: 'http',
    address: 'https://cluster.internal.example',
    token: { audience: 'cluster' },
    operations: {
      serviceByName: { method: 'GET', path: '/services', query: { name: '/name' } },
      restart: {
        method: 'POST',
        path: '/services/{service}/restarts',
        args: { service: '/params/service' },
        body: { replicas: '/params/replicas' },
      },
      restartByKey: { method: 'GET', path: '/restarts', query: { key: '/key' } },
      rollBack: { method: 'DELETE', path: '/restarts/{id}', args: { id: '/steps/restart/id' } },
    },
  }),
  'chains/on-call.yml': `
kind: ApprovalChain
id: on-call
decideWithin: 10m
validFor: 5m
stages:
  - { from: [group:sre], need: 2 }
`,
  'data/freeze.yaml': 'frozen: [billing]\n',
  'packs/org/restarts.rego': `package packs.org.restarts

import data.countersign.finding

findings contains finding.allow("infra.sre") if "sre" in input.agent.roles

findings contains finding.deny("infra.frozen", "The service is frozen.", "Wait for the thaw.") if {
	input.action.params.service in data.freeze.frozen
}

findings contains finding.approval("infra.many", "on-call", "More than ten replicas.") if {
	input.action.params.replicas > 10
}
`,
  'packs/org/restarts_test.rego': `package packs.org.restarts_test

import data.packs.org.restarts

test_a_frozen_service_stays_up if {
	some found in restarts.findings with input.action.params.service as "billing"
	found.effect == "deny"
}
`,
};

/** Everything wrong with these documents; Rego is not looked at. */
export async function problemsOf(files: Files): Promise<readonly Problem[]> {
  const { directory, problems } = await readDirectory(await policyDirectory(files));
  return [...problems, ...readCatalogue(directory.documents, directory.data).problems];
}

/** {@link INFRA} with one text of one file replaced. */
export function changed(file: string, from: string, to: string): Files {
  const text = INFRA[file] ?? '';
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
  return { ...INFRA, [file]: text.replace(from, to) };
}
