import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { FAILURES, failure, type FailureCode, problem } from '../../domain/failures';
import { REASONS } from '../../domain/reasons';
import { REFUSALS } from '../../domain/refusals';
import { renderErrors } from '../../scripts/write-errors';

const codes = Object.keys(FAILURES) as FailureCode[];

/** The catalogue itself, and rooms in which a code is only told, tried or written about. */
const TELLERS = /^domain\/(failures|(\w+-)?refusals|reasons)\.ts$|^(test|docs|scripts|bench|dist|node_modules|\..*)\//;

/** Every literal of what runs, but for the lists in which routes announce their refusals. */
function literals(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const room of readdirSync(packageRoot(), { withFileTypes: true })) {
    if (!room.isDirectory() || TELLERS.test(`${room.name}/`)) continue;
    for (const file of readdirSync(join(packageRoot(), room.name), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|sql|rego)$/.test(file) || TELLERS.test(`${room.name}/${file}`)) continue;
      const text = readFileSync(join(packageRoot(), room.name, file), 'utf8').replaceAll(/refusals: \[[^\]]*\]/g, '');
      for (const [, literal = ''] of text.matchAll(/['"`]([a-z_]+)['"`]/g)) found.add(literal);
    }
  }
  return found;
}

describe('the catalogue of failures', () => {
  it('is what docs/errors.md says', () => {
    expect(readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8')).toBe(renderErrors());
  });

  it('gives each code one meaning', () => {
    expect(codes).toHaveLength(Object.keys(REFUSALS).length + Object.keys(REASONS).length);
    expect(new Set(codes.map((code) => failure(code).sentence)).size).toBe(codes.length);
  });

  it('has no code that nothing answers with', () => {
    const used = literals();
    expect(codes.filter((code) => !used.has(code))).toEqual([]);
  });

  it.each(codes)('%s speaks in sentences, fits in a table and has a status of an error', (code) => {
    const { sentence, operator, status } = failure(code);
    expect(code).toMatch(/^[a-z][a-z_]{2,40}$/);
    for (const text of [sentence, operator]) expect(text).toMatch(/^[A-Z][^|\n]+\.$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
  });

  it('tells to send again only where that can help', () => {
    for (const code of codes) {
      const { retryable, status } = failure(code);
      if (status === 429) expect(retryable).toBe(true);
      if (status < 409) expect(retryable).toBe(false);
    }
  });

  it('answers with a problem document that names no host', () => {
    expect(problem('invalid_parameters', { problems: [{ path: '/amountMinor', message: 'must be >= 1' }] })).toEqual({
      type: 'urn:countersign:error:invalid_parameters',
      title: failure('invalid_parameters').sentence,
      status: 400,
      code: 'invalid_parameters',
      problems: [{ path: '/amountMinor', message: 'must be >= 1' }],
    });
  });
});
