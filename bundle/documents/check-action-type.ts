import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';
import { checkPointer, type PointerScope, schemaAt } from './check-pointer';
import { DEFAULT_CURRENCY } from './normalise-action-type';

/** Judges what an action type says about itself: lane, effect, envelope, budget, card. Steps and facts have files of their own. */
export function checkActionType(file: string, source: ActionTypeSource): Problem[] {
  return [
    ...checkLane(file, source),
    ...checkEnvelope(file, source),
    ...checkBudget(file, source),
    ...checkCard(file, source),
  ];
}

/** What a lane may carry, by what holds in it against a hostile agent (`docs/ARCHITECTURE.md`). */
function checkLane(file: string, { lane, risk, effect }: ActionTypeSource): Problem[] {
  const problems: Problem[] = [];
  const grave = risk === 'high' || risk === 'critical';
  const refuse = (message: string, remedy: string): void =>
    void problems.push({ file, path: '/lane', message, remedy });
  if (grave && lane === 'permit') refuse(`"${lane}" does not hold for ${risk} risk.`, 'Use brokered.');
  if (lane === 'permit')
    refuse(
      `"${lane}" is not supported yet.`,
      'Use brokered: the provider executes, the agent never sees a credential.',
    );
  if (effect === 'irreversible' && !grave)
    problems.push({
      file,
      path: '/risk',
      message: `is ${risk}, but the effect cannot be undone.`,
      remedy: 'Write high or critical.',
    });
  return problems;
}

function checkEnvelope(file: string, source: ActionTypeSource): Problem[] {
  return source.envelope.flatMap((pointer, index) => {
    const wrong = pointer.startsWith('/facts/')
      ? checkPointer(pointer, known(source))
      : 'points to something that does not change';
    return wrong === undefined
      ? []
      : [
          {
            file,
            path: `/envelope/${String(index)}`,
            message: `${wrong}.`,
            remedy: 'Point to a declared fact, or into one: /facts/<name>/….',
          },
        ];
  });
}

function checkBudget(file: string, source: ActionTypeSource): Problem[] {
  const { budget, params } = source;
  if (budget === undefined) return [];
  const problems: Problem[] = [];
  const amount = schemaAt(budget.amount, params);
  const wrongAmount =
    amount?.['type'] === 'integer' ? checkPointer(budget.amount, known(source)) : 'points to no integer parameter';
  if (wrongAmount !== undefined)
    problems.push({
      file,
      path: '/budget/amount',
      message: `${wrongAmount}.`,
      remedy: 'Point to a required integer parameter in minor units.',
    });
  if (amount?.['type'] === 'integer' && !isNotNegative(amount)) {
    problems.push({
      file,
      path: '/budget/amount',
      message: 'may be negative: spending less than nothing would make room in the budget.',
      remedy: `Give the parameter a minimum of 0 or more.`,
    });
  }
  const byCurrency = budget.per.includes('currency');
  if (!byCurrency && budget.currency === undefined) return problems;
  const wrongCurrency = checkPointer(budget.currency ?? DEFAULT_CURRENCY, known(source));
  if (wrongCurrency !== undefined)
    problems.push({
      file,
      path: '/budget/currency',
      message: `${wrongCurrency}.`,
      remedy: 'Point to the required parameter that holds the currency.',
    });
  if (!byCurrency)
    problems.push({
      file,
      path: '/budget/currency',
      message: 'is said, but the budget does not count by currency: amounts of several would be added up.',
      remedy: 'Add currency to per.',
    });
  return problems;
}

function isNotNegative({ minimum, exclusiveMinimum }: Readonly<Record<string, unknown>>): boolean {
  return (
    (typeof minimum === 'number' && minimum >= 0) || (typeof exclusiveMinimum === 'number' && exclusiveMinimum >= -1)
  );
}

function checkCard(file: string, source: ActionTypeSource): Problem[] {
  const { headline, fields } = source.card;
  const problems: Problem[] = [];
  for (const [, name = ''] of headline.matchAll(/\{([^{}]*)\}/g)) {
    if (!Object.hasOwn(fields, name))
      problems.push({
        file,
        path: '/card/headline',
        message: `names {${name}}, which is not a field of the card.`,
        remedy: `Add ${name}: { text: /params/… }, or correct its spelling.`,
      });
  }
  for (const [name, field] of Object.entries(fields)) {
    const pointers = 'money' in field ? field.money : [field.text];
    for (const pointer of pointers) {
      const wrong = checkPointer(pointer, known(source));
      if (wrong !== undefined)
        problems.push({
          file,
          path: `/card/${name}`,
          message: `${wrong}.`,
          remedy: 'Show a required parameter or a declared fact.',
        });
    }
    if (
      'money' in field &&
      field.money[0].startsWith('/params/') &&
      schemaAt(field.money[0], source.params)?.['type'] !== 'integer'
    ) {
      problems.push({
        file,
        path: `/card/${name}/money`,
        message: 'does not begin with an integer in minor units.',
        remedy: 'Write [amount, currency].',
      });
    }
  }
  return problems;
}

/** What is known when an approver is asked. */
function known(actionType: ActionTypeSource): PointerScope {
  return { actionType, steps: [], facts: true, key: false };
}
