/** `JSON.stringify` writes NaN and infinities as null, which is another request than the one that was meant. */
export function jsonText(value: object): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member))
      throw new TypeError(`${name} is ${member}, which JSON cannot say`);
    return member;
  });
}
