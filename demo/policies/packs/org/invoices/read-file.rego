# METADATA
# title: Reading invoices
# description: >-
#   Decided in the agent's own process, on its word. Here to keep an honest agent away from files that
#   are no invoices; against another kind of agent it is of no use.
package packs.org.invoices

import data.countersign.finding

reads if input.action.type == "invoices.read_file"

findings contains finding.allow("invoices.reader") if {
	reads
	"invoice-payer" in input.agent.roles
}

findings contains finding.deny(
	"invoices.too_large",
	"The file is larger than any invoice.",
	"Ask who sent it for the invoice alone.",
) if {
	reads
	not within_limit
}

within_limit if {
	bytes := input.action.params.bytes
	is_number(bytes) # null <= 1000 is true in Rego
	bytes <= data.limits.read_file.bytes
}
