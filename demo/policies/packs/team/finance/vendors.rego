# METADATA
# title: Finance's own rule about vendors
# description: A team can only add demands; this one counts for agents of the team finance alone.
package packs.team.finance.vendors

import data.countersign.finding

findings contains finding.approval(
	"finance.vendor_unverified",
	"finance-two",
	"Nobody has verified the vendor's bank details.",
) if {
	input.action.type in {"payments.pay_invoice", "payments.post_and_pay"}
	not verified
}

verified if input.facts.vendor.verified == true
