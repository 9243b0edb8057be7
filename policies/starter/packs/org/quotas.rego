package packs.org.quotas

import data.countersign.finding

sets_quota if input.action.type == "platform.set_quota"

findings contains finding.allow("quotas.operator") if {
	sets_quota
	"operator" in input.agent.roles
}

findings contains finding.approval("quotas.over_limit", "one-person", "Above what the team may set alone.") if {
	sets_quota
	not within_limit
}

within_limit if {
	quota := input.action.params.quota
	is_number(quota) # null <= 100 is true in Rego
	quota <= data.limits.set_quota[input.agent.team]
}
