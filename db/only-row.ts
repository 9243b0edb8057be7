/** The row of a function that always answers with one. */
export function onlyRow<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('a function that always answers gave no row');
  return row;
}
