import { BUDGET_WINDOWS } from '../../domain/spending';
import { changed, type Files, problemsOf } from './policy-directory';

/** A limit for five replicas a window. */
function limited(window: string): Files {
  return {
    ...changed('action-types/restart.yaml', 'steps:', 'budget: { per: [team], amount: /params/replicas }\nsteps:'),
    'data/budgets.yaml': `infra.restart_service: { window: ${window}, limits: { sre: 5 } }`,
  };
}

it.each([...BUDGET_WINDOWS.keys()])('takes a limit over %s', async (window) => {
  expect(await problemsOf(limited(window))).toEqual([]);
});

it.each(['PT30M', 'P2D', 'P1Y', 'constructor'])('refuses a limit over %s, which nobody counts', async (window) => {
  expect(await problemsOf(limited(window))).toMatchObject([
    { file: 'data/budgets.yaml', path: '/infra.restart_service/window' },
  ]);
});
