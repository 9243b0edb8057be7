import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../config/paths';
import { siteName } from './caller-name';

/** The rooms that gateway and worker are made of. */
const ROOMS = ['activities', 'channels', 'db', 'gateway', 'loops', 'temporal', 'worker'];

/** What opens a transaction, or is one. */
const OPENS = /^(?:.+\.)?(?:withTenant|inTransaction)$/;
const APPENDS = /^(?:.+\.)?ledger\.append$/;

/** Whoever only carries a transaction through for another. */
const CARRIERS = new Set([
  'db/with-tenant.ts',
  'db/transactions-of.ts',
  'db/in-transaction.ts',
  'db/read-as-tenant.ts',
  'worker/main.ts',
  'worker/count-recorded.ts',
]);

export interface Transaction {
  readonly name: string;
  /** Of the sources. */
  readonly file: string;
}

/** Every transaction of the sources, by the name that it has at run time. */
export function readTransactions(): readonly Transaction[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(packageRoot(), room), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => `${room}/${path}`)
      .filter((file) => !CARRIERS.has(file))
      .flatMap((file) => transactionsIn(file)),
  );
}

function transactionsIn(file: string): readonly Transaction[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(packageRoot(), file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Transaction[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const callee = node.expression.getText(source);
      const name = siteName(file, enclosingName(node));
      if (OPENS.test(callee)) found.push({ name, file });
      if (APPENDS.test(callee)) found.push({ name: `${name}.append`, file });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** As the engine names the function that a call stands in: empty for one without a name. */
function enclosingName(node: ts.Node): string {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at)) return at.name?.getText() ?? '';
    if (ts.isFunctionExpression(at) && at.name !== undefined) return at.name.text;
    if (!ts.isArrowFunction(at) && !ts.isFunctionExpression(at)) continue;
    const { parent } = at;
    return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : '';
  }
  return '';
}
