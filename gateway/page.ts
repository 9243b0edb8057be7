/** Of `limit + 1` rows the page, and the cursor if there is more. */
export function page<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: readonly T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
