import { readConfig } from '../../config/read-config';
import { LOGIN_ROLES, type LoginRole } from '../../db/create-roles';
import { stackSettings } from '../../stack/stack-settings';

const urls = Object.fromEntries(LOGIN_ROLES.map((role) => [role, `postgres://${role}@db/x`])) as Record<
  LoginRole,
  string
>;
const stop = (): Promise<void> => Promise.resolve();

const parts = (role: string) => ({
  config: readConfig({ COUNTERSIGN_WORKER_ROLE: role }),
  database: { urls, stop },
  temporal: { address: '127.0.0.1:1', namespace: 'default', stop },
  ...{ bundle: 'bundle.json', port: 1, adminPort: 2 },
});

it.each(['effects', 'both'])(
  'the worker of a stack has the role %s where it is asked to, and a gateway has none',
  (role) => {
    expect(stackSettings('worker', parts(role)).set).toMatchObject({ COUNTERSIGN_WORKER_ROLE: role });
    expect(stackSettings('gateway', parts(role)).set).not.toHaveProperty('COUNTERSIGN_WORKER_ROLE');
  },
);
