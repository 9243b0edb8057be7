import { checkRego } from '../../bundle/rego/check-rego';
import { opa } from './policy-directory';

const ORG = {
  file: 'packs/org/base.rego',
  text: 'package packs.org.base\n\nfindings contains {"code": "x", "effect": "allow"}\n',
};

const problemsOf = async (...sources: (readonly [file: string, text: string])[]) =>
  (await checkRego(await opa(), [ORG, ...sources.map(([file, text]) => ({ file, text }))])).problems;

describe('X79 a package belongs to the directory that it is in', () => {
  it.each([
    ['packs/team/finance/evil.rego', 'packs.org.payments'],
    ['packs/team/finance/evil.rego', 'packs.org'],
    ['packs/team/finance/evil.rego', 'packs.team.sales.evil'],
    ['packs/team/finance/evil.rego', 'packs.team.financeevil'],
    ['packs/team/finance/evil.rego', 'packs.team'],
    ['packs/team/finance/evil.rego', 'packs["org"].payments'],
    ['packs/team/finance/evil.rego', 'countersign.decision'],
    ['packs/team/finance/evil.rego', 'countersign.packs.org'],
    ['packs/team/finance/evil.rego', 'countersign.finding'],
    ['packs/team/fin-ops/evil.rego', 'packs.team.fin'],
    ['packs/org/evil.rego', 'packs.team.finance'],
    ['packs/org/evil.rego', 'packs.organisation'],
    ['packs/org/evil.rego', 'limits'],
    ['packs/team/finance/evil_test.rego', 'packs.org.base'],
    ['packs/team/lost.rego', 'packs.team.lost'],
    ['packs/team/Finance/x.rego', 'packs.team.Finance'],
    ['packs/lost.rego', 'packs.org.lost'],
  ])('%s may not declare %s', async (file, name) => {
    const problems = await problemsOf([
      file,
      `package ${name}\n\nfindings contains {"code": "y", "effect": "allow"}\n`,
    ]);
    expect(problems.filter((problem) => problem.file === file)).not.toEqual([]);
  });

  it('however the declaration is laid out', async () => {
    const problems = await problemsOf([
      'packs/team/finance/evil.rego',
      '# package packs.team.finance\n  package   packs.org.payments # package packs.team.finance\n',
    ]);
    expect(problems).toMatchObject([
      {
        file: 'packs/team/finance/evil.rego',
        path: 'package',
        message: expect.stringContaining('packs.org.payments') as string,
      },
    ]);
  });

  it.each([
    ['packs/team/finance/ok.rego', 'packs.team.finance'],
    ['packs/team/finance/deep/ok.rego', 'packs.team.finance.deep.er'],
    ['packs/team/fin-ops/ok.rego', 'packs.team["fin-ops"].ok'],
    ['packs/team/finance/ok_test.rego', 'packs.team.finance_test'],
    ['packs/org/ok_test.rego', 'packs.org_test'],
    ['packs/org/ok.rego', 'packs.org'],
  ])('%s may declare %s', async (file, name) => {
    expect(await problemsOf([file, `package ${name}\n`])).toEqual([]);
  });
});

describe('X40 Rego that cannot be trusted to run is refused', () => {
  it.each([
    ['a function that the evaluator lacks', 'x := crypto.sha256("a")', 'undefined function'],
    ['the network', 'x := http.send({"method": "get", "url": "http://localhost"})', 'undefined function'],
    ['the clock', 'x := time.now_ns()', 'undefined function'],
    ['chance', 'x := rand.intn("a", 2)', 'undefined function'],
    ['a function outside the meter', 'x := sprintf("%d", [1])', 'undefined function'],
    ['an unused import', 'import data.limits', 'unused'],
    ['a syntax error', 'x :=', 'rego_parse_error'],
    ['recursion', 'x if y\n\ny if x', 'recursive'],
    ['a set that is none', 'findings if input.x', 'no set of findings'],
  ])('%s', async (_, rule, message) => {
    const problems = await problemsOf(['packs/org/bad.rego', `package packs.org.bad\n\n${rule}\n`]);
    expect(problems[0]?.message).toContain(message);
  });
});

it('without a pack of the organisation nothing could be allowed', async () => {
  const { problems } = await checkRego(await opa(), [{ file: 'packs/team/a/a.rego', text: 'package packs.team.a\n' }]);
  expect(problems).toMatchObject([{ file: 'packs/org' }]);
  expect((await checkRego(await opa(), [])).problems).toMatchObject([{ file: 'packs' }]);
});
