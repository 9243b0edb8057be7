import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { addFuel } from '../../bundle/rego/add-fuel';
import { createPdp, type Pdp } from '../../pdp/create-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { createParamsValidator } from '../../pdp/params-validator';
import { build, INFRA, keys } from '../bundle/policy-directory';
import { BUNDLE, PARAMS, seedAction } from '../helpers/seed';
import { ACTION_TYPE, createWorkshop } from '../helpers/workshop';
import { compileRule } from '../pdp/compile-rule';
import { tenant, workshop, world } from '../helpers/own-workshop';

/*
 * Policies that no build of ours lets pass, in a worker that runs one nevertheless: what the action comes to, what its target sees, what is recorded.
 */

/** One evaluator for all of them: what it does is in the parameters. */
let every: Pdp;
let trapped: Pdp;
beforeAll(async () => {
  const good = openBundle(JSON.stringify(await build(INFRA)), keys.publicKeyPem);
  const { catalogue } = createWorkshop(world).policy;
  const start = (wasm: Uint8Array) =>
    createPdp({ ...good, digest: BUNDLE.digest, catalogue, wasm: new Uint8Array(wasm) });
  const metered = await addFuel(await compileRule(RULES));
  every = await start(metered);
  trapped = await start(await trapping(metered));
}, 60_000);

const RULES = `
how := input.action.params.how

allow(code) := {"effect": "allow", "findings": [{"code": code, "effect": "allow"}], "chains": []}

result := allow("ok") if how == "allows"
result := 1 if how == "throws a string"
result := 2 if how == "throws a string"
result := crypto.sha256("x") if how == "throws a plain object"
result := true if how == "says true"
result := "allow" if how == "says «allow»"
result := object.remove(allow("ok"), ["chains"]) if how == "leaves something out"
result := allow("policy_error:fine") if how == "uses a code that only the decision point may use"
result := x if {
	how == "does not come to an end"
	n := numbers.range(1, 3000)
	x := count([1 | some i in n; some j in n; some k in n; i + j + k == -1])
}`;

/** An evaluator whose entry point is an instruction that cannot be run: what a fault of the compiler or of the memory comes to. */
async function trapping(wasm: Uint8Array): Promise<Uint8Array> {
  const binaryen = (await import('binaryen')).default;
  const module = binaryen.readBinary(wasm);
  const { value } = binaryen.getExportInfo(module.getExport('opa_eval'));
  const { setBody } = (binaryen as unknown as { Function: { setBody(of: number, body: number): void } }).Function;
  setBody(module.getFunction(value), module.unreachable());
  return module.emitBinary();
}

async function decided(how: string, pdp: Pdp): Promise<{ kind: string; codes: readonly string[]; actionId: string }> {
  const { actionId } = await seedAction(world, tenant, { params: { ...PARAMS, how } });
  const { kind } = await createDecide({ ...workshop.deps, pdp: () => pdp })({ tenant, actionId });
  const [entry] = await world.rows<{ codes: string[] }>(
    `select leaf::json -> 'entry' -> 'codes' as codes from ledger where tenant = $1 and key = $2`,
    [tenant, `action/${actionId}/decided/1`],
  );
  return { kind, codes: entry?.codes ?? [], actionId };
}

/** What a worker would do next, whatever it was told. */
const perform = (actionId: string, pdp: Pdp): Promise<unknown> =>
  createPerformStep({ ...workshop.deps, pdp: () => pdp })({ tenant, actionId, stepId: 'pay' });

it('X29 the policy that the broken ones are compared with allows', async () => {
  const { kind, codes, actionId } = await decided('allows', every);
  expect([kind, codes]).toEqual(['allowed', ['ok']]);
  await perform(actionId, every);
  expect(workshop.target.happened).toHaveLength(1);
});

it.each([
  ['throws a string', 'aborted'],
  ['throws a plain object', 'missing_builtin'],
  ['traps', 'trap'],
  ['says nothing', 'undefined'],
  ['says true', 'wrong_shape'],
  ['says «allow»', 'wrong_shape'],
  ['leaves something out', 'wrong_shape'],
  ['does not come to an end', 'out_of_fuel'],
  ['uses a code that only the decision point may use', 'reserved'],
])('X29 a policy that %s is a deny: nothing is sent, and the ledger says why', async (how, kind) => {
  const pdp = how === 'traps' ? trapped : every;
  const outcome = await decided(how, pdp);
  expect(outcome).toMatchObject({ kind: 'denied', codes: [`policy_error:${kind}`] });
  await perform(outcome.actionId, pdp);
  expect([workshop.target.calls, workshop.target.happened]).toEqual([[], []]);
  expect(await world.rows('select from effects where tenant = $1', [tenant])).toEqual([]);
});

it('X30 parameters that a gateway took under an older bundle are judged by the schema of the one that decides', async () => {
  const narrow = { ...ACTION_TYPE, params: { ...ACTION_TYPE.params, type: 'object', maxProperties: 1 } };
  const catalogue = { ...workshop.policy.catalogue, actionTypes: { [ACTION_TYPE.id]: narrow } };
  const tightened = { ...every, catalogue, validateParams: createParamsValidator(catalogue) };
  const outcome = await decided('allows', tightened);
  expect(outcome).toMatchObject({ kind: 'denied', codes: ['invalid_parameters'] });
  const { actionId } = await decided('allows', every);
  await perform(actionId, tightened); // decided before it was tightened
  expect(workshop.target.calls).toEqual([]);
});

it('X29 a policy that breaks between the decision and the effect stops it', async () => {
  const { kind, actionId } = await decided('allows', every);
  expect(kind).toBe('allowed');
  await perform(actionId, trapped);
  expect(workshop.target.calls).toEqual([]);
});
