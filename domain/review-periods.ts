import { isObject, type JsonObject, ownMember } from './json';

/** After how many days what is due, of agents. */
export interface ReviewPeriods {
  /** An agent that asks for nothing for so long is taken out of use. */
  readonly inactiveDays: number;
  /** By risk tier: so long what an agent may do counts as confirmed. */
  readonly reviewDays: Readonly<Record<'low' | 'medium' | 'high' | 'critical', number>>;
}

/** Where the policy's data names none. A quarter is longer than any month-end, and what may do most is looked at every month. */
const USUAL: ReviewPeriods = { inactiveDays: 90, reviewDays: { low: 365, medium: 180, high: 90, critical: 30 } };

/** Of `data.agents` of the bundle in force, whose numbers `policy check` has judged. */
export function reviewPeriodsOf(data: JsonObject): ReviewPeriods {
  const agents = ownMember(data, 'agents');
  if (!isObject(agents)) return USUAL;
  const review = ownMember(agents, 'review_days');
  const tier = (name: keyof ReviewPeriods['reviewDays']): number =>
    daysOf(isObject(review) ? ownMember(review, name) : undefined) ?? USUAL.reviewDays[name];
  return {
    inactiveDays: daysOf(ownMember(agents, 'inactive_days')) ?? USUAL.inactiveDays,
    reviewDays: { low: tier('low'), medium: tier('medium'), high: tier('high'), critical: tier('critical') },
  };
}

function daysOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}
