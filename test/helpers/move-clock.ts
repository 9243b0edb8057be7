import { type World } from './world';

const MOMENTS = {
  agents: ['created_at', 'state_since'],
  actions: ['created_at'],
  agent_reviews: ['look_at', 'confirmed_at', 'due_at', 'warned_at', 'asked_before', 'kept_at', 'reclaimed_at'],
  review_watches: ['seen_at'],
} as const;

/**
 * As if the database's clock stood so many days later: everything that agents are reviewed by is that much longer ago. `watched`: the days have
 * passed, with a worker that looked all the time; without it somebody put the clock forward, or back.
 */
export async function moveClock(world: World, days: number, { watched }: { readonly watched: boolean }): Promise<void> {
  for (const [table, columns] of Object.entries(MOMENTS))
    await world.rows(
      `update ${table} set ${columns.map((column) => `${column} = ${column} - $1 * interval '1 day'`).join(', ')}`,
      [days],
    );
  if (watched) await world.rows(`update review_watches set watched = watched + $1 * interval '1 day'`, [days]);
}
