package countersign.decision_test

import data.countersign.decision
import data.countersign.finding

allow := finding.allow("org.yes")

deny := finding.deny("org.no", "No.", "Ask.")

two := finding.approval("org.big", "two", "Big.")

cases := {
	"no finding at all is a deny": {"org": set(), "team": set(), "effect": "deny", "chains": set()},
	"an allow allows": {"org": {allow}, "team": set(), "effect": "allow", "chains": set()},
	"a deny beats an allow": {"org": {allow, deny}, "team": set(), "effect": "deny", "chains": set()},
	"a deny beats an approval": {"org": {allow, deny, two}, "team": set(), "effect": "deny", "chains": {"two"}},
	"an approval alone allows nothing": {"org": {two}, "team": set(), "effect": "deny", "chains": {"two"}},
	"an approval narrows an allow": {"org": {allow, two}, "team": set(), "effect": "require_approval", "chains": {"two"}},
	"a team's deny counts": {"org": {allow}, "team": {deny}, "effect": "deny", "chains": set()},
	"a team's approval counts": {"org": {allow}, "team": {two}, "effect": "require_approval", "chains": {"two"}},
	"a team's allow is refused": {"org": {allow}, "team": {finding.allow("team.yes")}, "effect": "deny", "chains": set()},
	"a team cannot allow what the organisation does not": {"org": set(), "team": {finding.allow("team.yes")}, "effect": "deny", "chains": set()},
}

test_fold[name] if {
	some name, case in cases
	result := decision.result with data.countersign.packs.org.findings as case.org
		with data.countersign.packs.team.finance.findings as case.team
		with input.agent.team as "finance"
	result.effect == case.effect
	result.chains == case.chains
}

test_another_teams_findings_do_not_count if {
	result := decision.result with data.countersign.packs.org.findings as {allow}
		with data.countersign.packs.team.sales.findings as {deny}
		with input.agent.team as "finance"
	result.effect == "allow"
}

test_a_missing_team_is_a_team_without_packs if {
	result := decision.result with data.countersign.packs.org.findings as {allow}
		with input as {"agent": {}}
	result.effect == "allow"
}
