# METADATA
# title: Refunds
# description: Shipped orders may be refunded up to what they cost; larger refunds need a colleague.
package packs.org.shop

import data.countersign.finding

refunds if input.action.type == "shop.refund_order"

findings contains finding.allow("shop.refunder") if {
	refunds
	input.agent.team == "finance"
}

findings contains finding.deny("shop.not_shipped", "The order has not been shipped.", "Cancel the order instead.") if {
	refunds
	not shipped
}

findings contains finding.deny("shop.over_total", "The refund is more than the order cost.", "Lower the amount.") if {
	refunds
	not within_total
}

findings contains finding.approval("shop.over_limit", "one-colleague", "Larger than what may go without asking.") if {
	refunds
	not within_limit
}

shipped if input.facts.order.state == "shipped"

# Negated, so that a fact or a limit that is missing objects instead of passing.
within_total if input.action.params.amountMinor <= input.facts.order.totalMinor

within_limit if input.action.params.amountMinor <= data.limits.refund_without_asking
