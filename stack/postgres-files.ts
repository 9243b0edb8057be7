import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mayEnter, type PostgresAccount } from './postgres-account';
import { makeSharedState, SHARED_STATE } from './postgres-binaries';
import { type Report } from './report';
import { writePrivate } from './write-private';

/** What must outlive the server: where its files are, its superuser's password, and the port that other programs know it by. */
export interface PostgresFiles {
  readonly data: string;
  readonly password: string;
  readonly port: number;
  /** Which process it was when it last ran. */
  readonly mark?: string | undefined;
}

const remembered = (directory: string): string => join(directory, 'server.json');

export function rememberPostgres(directory: string, files: PostgresFiles): void {
  writePrivate(remembered(directory), JSON.stringify(files));
}

/** Finds the server's files under `directory`, or chooses a place for them and a password. Nothing is created there yet. */
export function postgresFiles(directory: string, account: PostgresAccount, report: Report): PostgresFiles {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  if (existsSync(remembered(directory)))
    return JSON.parse(readFileSync(remembered(directory), 'utf8')) as PostgresFiles;
  const files = {
    data: join(place(directory, account, report), 'data'),
    password: randomBytes(24).toString('base64url'),
    port: 0,
  };
  rememberPostgres(directory, files);
  return files;
}

function place(directory: string, account: PostgresAccount, report: Report): string {
  if (mayEnter(account, directory)) return directory;
  makeSharedState();
  const elsewhere = mkdtempSync(join(SHARED_STATE, 'home-'));
  give(account, [elsewhere]);
  report(`Postgres does not run as root, and its account may not enter ${directory}: its files are in ${elsewhere}`);
  return elsewhere;
}

const run = promisify(execFile);

/** The same everywhere, whatever locales the machine has. */
const CLUSTER = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

export interface ClusterOptions {
  /** Directory of `initdb`. */
  readonly bin: string;
  readonly account: PostgresAccount;
  readonly durable: boolean;
}

/** Creates the cluster, unless it exists. Whole or not at all: a half-made one from an interrupted start is thrown away. */
export async function createCluster(files: PostgresFiles, { bin, account, durable }: ClusterOptions): Promise<void> {
  if (existsSync(files.data)) return;
  const unfinished = `${files.data}.unfinished`;
  const passwordFile = `${files.data}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writePrivate(passwordFile, files.password);
  give(account, [unfinished, passwordFile]);
  try {
    const logins = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const args = [`--pgdata=${unfinished}`, ...logins, ...CLUSTER, ...(durable ? [] : ['--no-sync'])];
    await run(join(bin, 'initdb'), args, { ...account, cwd: unfinished });
  } catch (cause) {
    throw new Error('initdb could not create the database cluster.', { cause });
  } finally {
    rmSync(passwordFile);
  }
  renameSync(unfinished, files.data);
}

function give({ uid, gid }: PostgresAccount, paths: readonly string[]): void {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) chownSync(path, uid, gid);
}
