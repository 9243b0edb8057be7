import { type LoginRole, roleName } from './create-roles';
import { type LoginCondition, type Power, POWERS } from './read-role';

interface Rights {
  readonly may: readonly Power[];
  readonly readsEveryTenant: boolean;
  readonly isReadOnly: boolean;
}

const RIGHTS: Readonly<Record<LoginRole, Rights>> = {
  owner: { may: POWERS, readsEveryTenant: false, isReadOnly: false },
  gateway: { may: ['cast_vote'], readsEveryTenant: false, isReadOnly: false },
  worker: { may: ['begin_effect', 'activate_bundle'], readsEveryTenant: false, isReadOnly: false },
  loops: { may: [], readsEveryTenant: true, isReadOnly: false },
  auditor: { may: [], readsEveryTenant: true, isReadOnly: true },
};

/** In what a login is not that of the role, or may more or less than it; each reads on after `the login`. */
export function loginFaults(login: LoginCondition, role: LoginRole): readonly string[] {
  const wanted = RIGHTS[role];
  return [
    ...(login.isSuperuser ? ['is a superuser, whom no guard binds'] : []),
    ...(login.role === roleName(role) ? [] : [`is not ${roleName(role)}`]),
    ...POWERS.filter((name) => login.may.includes(name) !== wanted.may.includes(name)).map(
      (name) => `${login.may.includes(name) ? 'may' : 'may not'} call ${name}`,
    ),
    ...(login.readsEveryTenant === wanted.readsEveryTenant
      ? []
      : [login.readsEveryTenant ? 'reads every tenant' : 'reads one tenant only']),
    ...(login.isReadOnly === wanted.isReadOnly ? [] : [login.isReadOnly ? 'cannot write' : 'is not read-only']),
  ];
}
