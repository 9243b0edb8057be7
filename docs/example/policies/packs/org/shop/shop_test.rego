package packs.org.shop_test

import data.packs.org.shop

action(amount) := {
	"agent": {"team": "finance"},
	"action": {"type": "shop.refund_order", "params": {"orderId": "17", "amountMinor": amount, "currency": "EUR"}},
	"facts": {"order": {"state": "shipped", "totalMinor": 5000}},
}

codes(request) := {finding.code | some finding in shop.findings with input as request with data.limits.refund_without_asking as 2000}

test_a_small_refund_goes_through if codes(action(2000)) == {"shop.refunder"}

test_a_larger_one_needs_a_colleague if codes(action(2001)) == {"shop.refunder", "shop.over_limit"}

test_nobody_gets_back_more_than_they_paid if "shop.over_total" in codes(action(5001))

test_an_order_without_a_state_is_not_shipped if {
	"shop.not_shipped" in codes(json.remove(action(1), ["/facts/order/state"]))
}
