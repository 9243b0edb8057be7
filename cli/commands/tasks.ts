import { Argument, Command } from 'commander';
import { allPages } from '../all-pages';
import { hint, print, printJson, say, table } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface Task {
  readonly id: string;
  readonly kind: string;
  readonly step: string;
  readonly openedAt: string;
  readonly state: string;
  readonly resolution: string | null;
}

/** `countersign tasks …`: what only a person can settle. */
export function tasksCommand(): Command {
  const tasks = new Command('tasks').description(
    'settle what only a person can: outcomes nobody knows, undoing that got stuck',
  );
  withAdminSession(tasks.command('list').description('what waits for an operator'))
    .option('--resolved', 'what was resolved instead')
    .action(list);
  withAdminSession(tasks.command('resolve').argument('<id>').description('record what you found out, or mended'))
    .addArgument(new Argument('<resolution>', 'what you found').choices(['happened', 'did-not-happen', 'mended']))
    .requiredOption('--reason <words>', 'how you know')
    .action(resolve);
  return tasks;
}

async function list({
  resolved = false,
  json = false,
  ...session
}: Options & { readonly resolved?: boolean }): Promise<void> {
  const filter = { state: resolved ? 'resolved' : 'open' };
  const tasks = await allPages<Task>(openAdminSession(session), '/v1/admin/tasks', 'tasks', filter);
  if (json) return printJson({ tasks });
  if (tasks.length === 0) return say('There are none.');
  print(
    table(
      ['task', 'kind', 'step', 'since', 'resolution'],
      tasks.map(({ id, kind, step, openedAt, resolution }) => [id, kind, step, openedAt, resolution ?? '-']),
    ),
  );
  if (!resolved)
    hint(`countersign tasks resolve ${tasks[0]?.id ?? '<id>'} <happened|did-not-happen|mended> --reason <words>`);
}

async function resolve(
  id: string,
  resolution: string,
  { reason, json = false, ...session }: Options & { readonly reason: string },
): Promise<void> {
  const { body } = await openAdminSession(session).send({
    method: 'POST',
    path: `/v1/admin/tasks/${encodeURIComponent(id)}/resolve`,
    body: { resolution: resolution.replaceAll('-', '_'), reason },
  });
  if (json) printJson(body);
  else say('Recorded. The action goes on from it.');
}
