import { type Problem } from '../problem';
import { type PostgresTargetSource } from './postgres-target-shape';

/** Text that is no code: strings, quoted names, comments, dollar-quoted strings. */
const NOT_CODE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/g;

/** What can run inside the transaction that also holds the marker: no statement of these begins, ends or escapes one. */
const RUNS = /^\s*(select|insert|update|delete|merge|with|values)\b/i;
const CHANGES = /^\s*(insert|update|delete|merge)\b/i;

/** Judges a database target by itself: each operation is one statement that returns a row and whose parameters are all there. */
export function checkPostgresTarget(file: string, { operations }: PostgresTargetSource): Problem[] {
  return Object.entries(operations).flatMap(([name, { sql, params }]) => {
    const problem = (message: string, remedy: string, member = 'sql'): Problem => ({
      file,
      path: `/operations/${name}/${member}`,
      message,
      remedy,
    });
    if (sql === undefined)
      return params.length === 0
        ? []
        : [
            problem(
              'are said, but there is no statement that they could fill.',
              'Add sql, or remove params: then the operation lends its profile to an agent (lane granted).',
              'params',
            ),
          ];
    // With a backslash the end of a string would depend on a setting of the server.
    if (sql.includes('\\')) return [problem('holds a backslash.', 'Write strings without; values belong in params.')];
    const code = sql.replace(NOT_CODE, ' ');
    const problems: Problem[] = [];
    if (code.includes(';'))
      problems.push(problem('holds a semicolon.', 'Write one statement, without one at its end.'));
    if (!RUNS.test(code))
      problems.push(
        problem('is not a statement that an operation may run.', 'Begin with select, insert, update, delete or merge.'),
      );
    else if (CHANGES.test(code) && !/\breturning\b/i.test(code))
      problems.push(
        problem('returns nothing.', 'End with returning: that row is the answer which the step keeps and verifies.'),
      );
    const numbers = new Set([...code.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    const expected = params.map((_, index) => index + 1);
    if (numbers.size !== params.length || expected.some((number) => !numbers.has(number)))
      problems.push(
        problem(
          `does not use its ${String(params.length)} params as $1 to $${String(params.length)}, each at least once.`,
          'Give params one entry for each number, in their order.',
        ),
      );
    return problems;
  });
}
