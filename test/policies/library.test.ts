import { join } from 'node:path';
import { checkDirectory } from '../../bundle/check-directory';
import { opaCapabilities } from '../../bundle/rego/opa-capabilities';
import { runOpa } from '../../bundle/rego/run-opa';
import { testDirectory } from '../../bundle/test-directory';
import { withWorkspace } from '../../bundle/rego/workspace';
import { packageRoot } from '../../config/paths';
import { opa } from '../bundle/policy-directory';

const LIBRARY = join(packageRoot(), 'policies', 'lib');

it("the library's own tests pass", async () => {
  const { ok, stdout } = await runOpa(await opa(), ['test', '--format', 'json', '.'], LIBRARY);
  expect(JSON.parse(stdout)).toHaveLength(6);
  expect(ok).toBe(true);
});

it('the library is formatted and strict, and needs nothing that the evaluator lacks', async () => {
  expect(await runOpa(await opa(), ['fmt', '--list', '--fail', '.'], LIBRARY)).toMatchObject({ ok: true, stdout: '' });
  const check = await withWorkspace([{ file: 'capabilities.json', text: await opaCapabilities() }], async (directory) =>
    runOpa(
      await opa(),
      ['check', '--strict', '--capabilities', join(directory, 'capabilities.json'), 'decision.rego', 'finding.rego'],
      LIBRARY,
    ),
  );
  expect(check).toMatchObject({ ok: true });
});

describe.each(['demo/policies', 'policies/starter'])('%s', (name) => {
  const directory = join(packageRoot(), name);

  it('has nothing wrong with it', async () => {
    expect(await checkDirectory(directory, await opa())).toEqual([]);
  });

  it('passes its own tests, which run every line', async () => {
    expect(await testDirectory(directory, await opa())).toMatchObject({
      failed: [],
      problems: [],
      coverage: { percent: 100, gaps: [] },
    });
  });
});
