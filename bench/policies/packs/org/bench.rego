# METADATA
# description: Small amounts run, larger ones ask one person, the largest are denied; so that each shape can be had.
package packs.org.bench

import data.countersign.finding

pays if input.action.type == "bench.pay"

amount := input.action.params.amountMinor

findings contains finding.allow("bench.payer") if {
	pays
	"invoice-payer" in input.agent.roles
}

findings contains finding.approval("bench.asks", "bench-one", "Above what runs by itself.") if {
	pays
	not small
}

findings contains finding.deny("bench.too_much", "More than anybody may pay here.", "Pay less.") if {
	pays
	not payable
}

small if {
	is_number(amount)
	amount <= 1000
}

payable if {
	is_number(amount)
	amount <= 100000
}
