import { type PersonCaller } from './caller';
import { RequestRefused } from './request-refused';

const OPERATING = ['operator', 'admin'];

/** Whether a person operates in some environment. Which one is known only when what is asked about has been found. */
export function operatesSomewhere({ roles, rolesIn }: Pick<PersonCaller, 'roles' | 'rolesIn'>): boolean {
  return operatesEverywhere(roles) || rolesIn.some(({ role }) => OPERATING.includes(role));
}

export function operatesEverywhere(roles: readonly string[]): boolean {
  return roles.some((role) => OPERATING.includes(role));
}

/** The environments that a person operates in; `undefined`: all of them. */
export function operatedEnvironments({ roles, rolesIn }: PersonCaller): readonly string[] | undefined {
  if (operatesEverywhere(roles)) return undefined;
  return rolesIn.filter(({ role }) => OPERATING.includes(role)).map(({ environment }) => environment);
}

/** @throws RequestRefused where the person operates in other environments only */
export function checkOperates(caller: PersonCaller, environment: string): void {
  if (operatedEnvironments(caller)?.includes(environment) === false) throw new RequestRefused('forbidden');
}

/** The environments whose actions a person may see: where they have any role; `undefined`: all of them. */
export function seenEnvironments({ roles, rolesIn }: PersonCaller): readonly string[] | undefined {
  return roles.length > 0 ? undefined : rolesIn.map(({ environment }) => environment);
}
