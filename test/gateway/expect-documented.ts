import { type FailureCode } from '../../domain/failures';
import { matches } from '../../gateway/create-gateway';
import { refusalsOf } from '../../gateway/describe-route';
import { ROUTES } from '../../gateway/routes';

/** What is no refusal: something of ours was away, or broke. */
const BROKEN: readonly FailureCode[] = ['internal', 'database_unavailable', 'ledger_unavailable'];

/** Fails where a route refuses with a code that its documentation does not name. */
export function expectDocumented(method: string, path: string, code: FailureCode): void {
  const requested = new URL(path, 'http://gateway').pathname;
  const route = ROUTES.find((each) => each.method === method.toLowerCase() && matches(each, requested));
  if (route === undefined || BROKEN.includes(code) || refusalsOf(route).includes(code)) return;
  throw new Error(`${method} ${route.path} refuses with ${code}, which is not among its refusals`);
}
