# METADATA
# title: Paying invoices
# description: What the organisation demands of every agent that pays.
package packs.org.payments

import data.countersign.finding

pays if input.action.type in {"payments.pay_invoice", "payments.post_and_pay"}

findings contains finding.allow("payments.payer") if {
	pays
	"invoice-payer" in input.agent.roles
}

findings contains finding.deny(
	"payments.vendor_inactive",
	"The vendor is not active.",
	"Ask procurement to onboard it.",
) if {
	pays
	not vendor_active
}

findings contains finding.deny(
	"payments.already_paid",
	"The invoice is booked already.",
	"Look at the invoice's booking in the ERP; nothing is left to pay.",
) if {
	pays
	not unpaid
}

findings contains finding.approval("payments.over_limit", "finance-two", "Above the team's limit.") if {
	pays
	not within_limit
	within_one_signature
}

findings contains finding.approval(
	"payments.over_one_signature",
	"finance-and-control",
	"Too much for the signature of one person.",
) if {
	pays
	not within_one_signature
}

findings contains finding.approval("payments.same_day", "finance-quick", "A same-day payment cannot be called back.") if {
	pays
	not unhurried
}

vendor_active if input.facts.vendor.status == "active"

unpaid if input.facts.payment.paid == false

within_limit if {
	amount := input.action.params.amountMinor
	is_number(amount) # null <= 1000 is true in Rego
	amount <= data.limits.pay_invoice[input.agent.team][input.action.params.currency]
}

within_one_signature if {
	amount := input.action.params.amountMinor
	is_number(amount)
	amount <= data.limits.pay_with_one_signature[input.agent.team][input.action.params.currency]
}

unhurried if object.get(input.action.params, "urgency", "normal") == "normal"
