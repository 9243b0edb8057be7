import { about } from './about';
import { type Evidence } from './evidence';

/** I9: an effect bears the tenant of its action. */
export function oneTenant({ witness, actions }: Evidence): readonly string[] {
  const tenantOf = new Map(actions.map(({ action, tenant }) => [action, tenant]));
  return witness.effects
    .filter((effect) => effect.tenant !== tenantOf.get(effect.actionId ?? ''))
    .map((effect) => `I9 an effect of another tenant: ${about(effect)}`);
}
