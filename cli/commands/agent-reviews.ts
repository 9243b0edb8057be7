import { type Command } from 'commander';
import { allPages } from '../all-pages';
import { ask } from '../ask';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { visibleText } from '../../domain/visible-text';
import { type JsonObject } from '../../domain/json';
import { hint, print, printJson, say, table, when } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { agentPath, send } from './agent-lives';

interface Options extends SessionOptions {
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly end?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

interface Review {
  readonly agent: string;
  readonly state: string;
  readonly stage: 'confirmed' | 'due' | 'restricted' | 'lapsed';
  readonly dueAt: string | null;
  readonly warnings: number;
  readonly reclaimedAt: string | null;
  readonly rights: JsonObject & { readonly owner: string };
  readonly digest: string;
}

/** `countersign agents reviews …`: which agents somebody has to say of whether they stay, and that word. */
export function addAgentReviews(agents: Command): void {
  withAdminSession(agents.command('reviews').argument('[agent]', 'whose review is answered, or shown'))
    .description('list agents that are due to be reviewed or ask for nothing; keep one as it is, or end it')
    .option('--keep', 'confirm exactly what is shown')
    .option('--end', 'take it out of service for good, with a receipt')
    .option('--reason <words>', 'why; it is kept beside the ledger')
    .option('--yes', 'do not ask again')
    .action(reviews);
}

async function reviews(agent: string | undefined, options: Options): Promise<void> {
  const { json = false, keep = false, end = false, reason, yes: _, ...session } = options;
  const word = keep || end ? wordOn(agent, { keep, end, reason }) : undefined;
  const found = await allPages<Review>(openAdminSession(session), '/v1/admin/reviews', 'reviews');
  const open = [...found].sort((a, b) => dueMs(a) - dueMs(b));
  if (agent === undefined) return json ? printJson({ reviews: open }) : list(open, session);
  const review = open.find((each) => each.agent === agent);
  if (review === undefined) throw new CommandFailed(EXIT.refused, `There is nothing to review of ${agent} now.`);
  if (word === undefined) {
    if (json) return printJson(review);
    print(told(review));
    return hint(`countersign agents reviews ${agent} --keep --reason <words> (or --end)`, session);
  }
  await answer(review, word.choice, { ...options, reason: word.reason });
}

/** The most urgent first; what only asks for nothing has no day, and comes last. */
const dueMs = ({ dueAt }: Review): number => (dueAt === null ? Number.MAX_VALUE : Date.parse(dueAt));

/** The answer that was typed, before anybody is asked: nothing of it can be guessed. */
function wordOn(
  agent: string | undefined,
  { keep, end, reason }: Pick<Options, 'keep' | 'end'> & { readonly reason: string | undefined },
): { readonly choice: 'keep' | 'end'; readonly reason: string } {
  if (agent === undefined) throw new CommandFailed(EXIT.usage, 'Name the agent that is to be kept or ended.');
  if (keep && end) throw new CommandFailed(EXIT.usage, 'Say --keep or --end, not both.');
  if (reason === undefined) throw new CommandFailed(EXIT.usage, 'Give a reason: --reason <words>.');
  return { choice: keep ? 'keep' : 'end', reason };
}

/** Answers for what was shown a moment ago, and for nothing else. */
async function answer(
  review: Review,
  choice: 'keep' | 'end',
  { yes = false, keep: _, end: __, ...options }: Options & { readonly reason: string },
): Promise<void> {
  say(told(review));
  const question = choice === 'keep' ? 'Confirm exactly this?' : 'End it for good?';
  if (!yes && !/^y(es)?$/i.test(await ask(`\n${question} [y/N] `, 'give --yes.')))
    throw new CommandFailed(EXIT.refused, 'Nothing was recorded.');
  await send(agentPath(review.agent, 'review'), { choice, digest: review.digest }, options);
}

function list(open: readonly Review[], session: SessionOptions): void {
  if (open.length === 0) return say('Nothing is due, and every agent asks for something.');
  print(
    table(
      ['agent', 'state', 'owner', 'rights', 'until', 'asks for nothing'],
      open.map(({ agent, state, rights, stage, dueAt, warnings, reclaimedAt }) => [
        agent,
        state,
        rights.owner,
        stage,
        dueAt === null ? '-' : when(dueAt, Date.now()),
        reclaimedAt !== null ? 'reclaimed' : warnings > 0 ? `warned ${String(warnings)} of 2` : '-',
      ]),
    ),
  );
  hint(`countersign agents reviews ${open[0]?.agent ?? '<agent>'}`, session);
}

/** What others wrote is on one line each, with its invisible characters. */
function told({ agent, state, stage, rights, digest }: Review): string {
  return [
    `${agent} is ${state}, its rights are ${stage}`,
    ...Object.entries(rights).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    `  digest ${digest}`,
  ]
    .map(visibleText)
    .join('\n');
}
