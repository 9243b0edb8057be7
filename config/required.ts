/** A setting that not every process has, in one that cannot do without. */
export function required(value: string | undefined, variable: string): string {
  if (value === undefined) throw new Error(`This process needs ${variable}.`);
  return value;
}
