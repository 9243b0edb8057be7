/** Of `limit + 1` rows the page, and the cursor if there is more: of its last row, what it is sorted by. */
export function page<Key extends string, T extends Readonly<Record<Key, string>>>(
  rows: readonly T[],
  limit: number,
  by: Key,
): { items: readonly T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.[by] ?? null) : null };
}
