import { type SourceText } from '../files/read-directory';
import { type Packs } from './inspect-packages';

/**
 * The modules that name every pack, for the fold to read: one for the organisation and one for each team. Written out instead of found at
 * run time, so that nothing is hidden, and so that the packs of one team are reached by one look-up and not by trying all of them.
 */
export function aggregatePacks({ org, team }: Packs): SourceText[] {
  return [
    { file: 'countersign/packs/org.rego', text: aggregate('countersign.packs.org', org) },
    ...Object.entries(team).map(([id, packages]) => ({
      file: `countersign/packs/team/${id}.rego`,
      text: aggregate(`countersign.packs.team[${JSON.stringify(id)}]`, packages),
    })),
  ];
}

/** A `findings` that is no set (the word `contains` forgotten, say) becomes a finding that no decision survives. */
function aggregate(name: string, packages: readonly string[]): string {
  const rules = packages.map(
    (pack) => `
findings contains finding if some finding in ${pack}.findings

findings contains {"code": ${JSON.stringify(pack)}, "effect": "findings_is_no_set"} if {
	found := ${pack}.findings
	not is_set(found)
}
`,
  );
  return `package ${name}\n${rules.join('')}`;
}
