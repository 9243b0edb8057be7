# METADATA
# title: The fold
# description: >-
#   Every finding of the organisation's packs and of the packs of the agent's own
#   team, folded into one decision, whatever their order: no allow from the
#   organisation, deny; any deny, deny; otherwise every chain that was asked for.
#   `countersign.packs` is written by the build and names each pack.
package countersign.decision

import data.countersign.finding

# METADATA
# description: What the decision point evaluates, and nothing else.
# entrypoint: true
result := {"effect": effect, "findings": findings, "chains": chains}

default effect := "deny"

effect := "deny" if {
	some found in findings
	found.effect == "deny"
} else := "require_approval" if {
	count(chains) > 0
} else := "allow" if {
	allowed
}

findings := (organisation | team) | objections

chains := {found.chain |
	some found in findings
	found.effect == "approval"
}

default organisation := set()

organisation := data.countersign.packs.org.findings

# A team without packs adds nothing.
default team := set()

team := {found |
	some found in data.countersign.packs.team[input.agent.team].findings
	not speaks_for_the_organisation(found)
}

objections contains finding.deny(
	"policy.no_allow",
	"No policy of the organisation allows this action.",
	"Ask the owner of the policies for a rule that allows it.",
) if {
	not allowed
}

objections contains finding.deny(
	"policy.team_allow",
	"A team's policy tries to allow an action; only the organisation's may.",
	"Remove finding.allow from the team's pack.",
) if {
	some found in data.countersign.packs.team[input.agent.team].findings
	speaks_for_the_organisation(found)
}

allowed if {
	some found in organisation
	found.effect == "allow"
}

speaks_for_the_organisation(found) if found.effect == "allow"
