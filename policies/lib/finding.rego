# METADATA
# title: Findings
# description: >-
#   The only way to write a finding. Codes are dotted and stable; the prefix
#   `policy_error:` belongs to the decision point, which turns it into a deny.
package countersign.finding

# METADATA
# description: One reason to let an action pass. Counts in packs of the organisation alone.
allow(code) := {"code": code, "effect": "allow"}

# METADATA
# description: A reason to refuse, and what would make it allowed.
deny(code, message, remedy) := {
	"code": code,
	"effect": "deny",
	"message": message,
	"remedy": remedy,
}

# METADATA
# description: A reason to ask people; `chain` is the id of an ApprovalChain.
approval(code, chain, message) := {
	"code": code,
	"effect": "approval",
	"chain": chain,
	"message": message,
}
