import { type Problem } from '../problem';
import { type HttpTargetSource } from './http-target-shape';
import { type Operation, placeholdersOf, pointersOf } from './operations';

/** The one thing that a revocation knows: which token to forget. */
const GRANT = '/grant';

/** Judges an HTTP target by itself. How its operations fit the actions that use them is judged there (`check-steps`, `check-facts`). */
export function checkHttpTarget(file: string, { operations, token }: HttpTargetSource): Problem[] {
  const problems: Problem[] = [];
  for (const [name, operation] of Object.entries(operations)) {
    const path = `/operations/${name}`;
    if (operation.method === 'GET' && operation.body !== undefined)
      problems.push({ file, path: `${path}/body`, message: 'is a body of a GET request.', remedy: 'Use query.' });
    const placeholders = placeholdersOf(operation);
    for (const arg of Object.keys(operation.args)) {
      if (!placeholders.includes(arg))
        problems.push({
          file,
          path: `${path}/args/${arg}`,
          message: 'is not a placeholder of the path.',
          remedy: `Put {${arg}} into the path, or use query or body.`,
        });
    }
    if (operation.status !== undefined && !Object.hasOwn(operations, operation.status)) {
      problems.push({
        file,
        path: `${path}/status`,
        message: `There is no operation "${operation.status}".`,
        remedy: 'Add it, or correct the name.',
      });
    }
    const pointers = pointersOf(operation);
    const revokes = token.revoke === name;
    if (!revokes && pointers.includes(GRANT))
      problems.push({
        file,
        path,
        message: `uses ${GRANT}, which only the operation that revokes tokens knows.`,
        remedy: 'Name this operation in token.revoke, or use another value.',
      });
    if (revokes) problems.push(...checkRevocation(file, path, operation));
  }
  if (token.revoke !== undefined && !Object.hasOwn(operations, token.revoke)) {
    problems.push({
      file,
      path: '/token/revoke',
      message: `There is no operation "${token.revoke}".`,
      remedy: 'Add it, or leave revoke out: then a token ends by expiry alone.',
    });
  }
  return problems;
}

function checkRevocation(file: string, path: string, operation: Operation): Problem[] {
  const pointers = pointersOf(operation);
  const unfilled = placeholdersOf(operation).some((name) => !Object.hasOwn(operation.args, name));
  if (operation.method !== 'GET' && !unfilled && pointers.length > 0 && pointers.every((pointer) => pointer === GRANT))
    return [];
  return [
    {
      file,
      path,
      message: 'cannot revoke a token: all that it knows is which one.',
      remedy: `Use POST, PUT, PATCH or DELETE, and only the pointer ${GRANT}: args: { jti: ${GRANT} }.`,
    },
  ];
}
