import fc from 'fast-check';
import { createReadVerdict } from '../../activities/read-verdict';
import { requestCancel } from '../../db/request-cancel';
import {
  AGENT,
  askPeople,
  begin,
  chain,
  decideOn,
  PEOPLE,
  seedAction,
  type SeededAction,
  seedTenant,
  vote,
} from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';
import { ASKED, type Choice, Reference } from './reference';
import { moveFence } from '../helpers/move-fence';

/** Minutes at a thousand; `MODEL_RUNS=1000` runs so many. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 100);
const MAX_COMMANDS = 40;
/** One vote in nine denies: more, and hardly any action would come as far as to begin. */
const APPROVALS = Array.from({ length: 8 }, (): Choice => 'approve');

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
});
afterAll(() => world.close());

/** The same, as it is. */
class Real {
  constructor(readonly action: SeededAction) {}
  readonly #read = createReadVerdict(createWorkshop(world).deps);

  vote = (person: string, choice: Choice): Promise<string> => vote(world, this.action, person, { choice });
  read = async (): Promise<string> => (await this.#read(this.action)).kind;
  begin = async (): Promise<string> => {
    const beginning = await begin(world, this.action);
    return 'begun' in beginning ? 'begun' : beginning.refused;
  };
  cancel = (): Promise<boolean> =>
    world.as('gateway', tenant, (client) => requestCancel(client, tenant, this.action.actionId, 'alice'));
  passDeadline = (): Promise<unknown> =>
    world.rows('update approval_requests set deadline = clock_timestamp() where request = $1', [this.action.request]);
}

const stop = (closed: boolean): Promise<void> => moveFence(world.superuser, tenant, `agent:${AGENT.id}`, closed);

/** Something that may happen at any time: to the model and to what it is a model of, with the same answer. */
class Command implements fc.AsyncCommand<Reference, Real> {
  constructor(
    readonly name: string,
    readonly toModel: (model: Reference) => unknown,
    readonly toReal: (real: Real) => Promise<unknown>,
  ) {}
  check = (): boolean => true;
  toString = (): string => this.name;
  async run(model: Reference, real: Real): Promise<void> {
    expect(await this.toReal(real)).toEqual(this.toModel(model));
  }
}

const moved = (model: Reference, to: Reference['fence']): void => void (model.fence = to);
const COMMANDS = [
  fc.tuple(fc.constantFrom(...PEOPLE, ...ASKED, ...ASKED), fc.constantFrom<Choice>(...APPROVALS, 'deny')).map(
    ([person, choice]) =>
      new Command(
        `${person} votes: ${choice}`,
        (model) => model.vote(person, choice),
        (real) => real.vote(person, choice),
      ),
  ),
  ...[
    new Command(
      'a worker looks',
      (model) => model.read(),
      (real) => real.read(),
    ),
    new Command(
      'a worker begins',
      (model) => model.begin(),
      (real) => real.begin(),
    ),
  ].map((command) => fc.constant(command)),
  // Rare, for each of them ends most of what could happen after it.
  fc.constantFrom(
    ...Array.from(
      { length: 36 },
      () =>
        new Command(
          'a worker looks',
          (model) => model.read(),
          (real) => real.read(),
        ),
    ),
    new Command(
      'the agent cancels',
      (model) => {
        const first = !model.cancelled;
        model.cancelled = true;
        return first;
      },
      (real) => real.cancel(),
    ),
    new Command(
      'the deadline passes',
      (model) => void (model.late = true),
      async (real) => void (await real.passDeadline()),
    ),
    new Command(
      'the agent is stopped',
      (model) => moved(model, 'closed'),
      () => stop(true),
    ),
    new Command(
      'the stop is lifted',
      (model) => moved(model, 'opened again'),
      () => stop(false),
    ),
  ),
];

it('X7 X16 X61 an action that must be countersigned goes as a few words say it must, whatever happens in whatever order', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: MAX_COMMANDS, size: 'max' }), async (commands) => {
      await stop(false);
      const action = await seedAction(world, tenant);
      await askPeople(world, action, [chain('finance', 2)]);
      await decideOn(world, action, { stage: 'preflight/pay' });
      const model = new Reference();
      await fc.asyncModelRun(() => ({ model, real: new Real(action) }), commands);
      // Not the model's word, but the rows': one effect at most, under two approvals of those who were asked, and no denial from before it.
      const begun = await world.rows('select from effects where action = $1', [action.actionId]);
      expect(begun).toHaveLength(model.begun ? 1 : 0);
      const votes = await world.rows<{ choice: Choice }>(
        'select choice from votes where request = $1 and person in ($2, $3, $4)',
        [action.request, 'bob', 'carol', 'dora'],
      );
      if (model.begun) expect(votes.map(({ choice }) => choice)).toEqual(['approve', 'approve']);
      const end = model.begun ? 'begun' : model.request;
      seen.set(end, (seen.get(end) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  // A model whose actions never begin has shown nothing of it. About thirty in a hundred do, and twenty are rejected.
  expect(seen.get('begun') ?? 0).toBeGreaterThan(RUNS / 20);
  expect(seen.get('rejected') ?? 0).toBeGreaterThan(0);
}, 600_000);
