package packs.team.finance.vendors_test

import data.packs.team.finance.vendors

pay(vendor) := {"action": {"type": "payments.pay_invoice"}, "facts": {"vendor": vendor}}

test_a_verified_vendor_needs_nobody if {
	count(vendors.findings) == 0 with input as pay({"verified": true})
}

test_an_unverified_vendor_needs_a_person if {
	some finding in vendors.findings with input as pay({"verified": false})
	finding.chain == "finance-two"
}

test_it_is_the_same_where_the_invoice_is_posted_first if {
	unverified := json.patch(
		pay({"verified": false}),
		[{"op": "replace", "path": "/action/type", "value": "payments.post_and_pay"}],
	)
	some finding in vendors.findings with input as unverified
	finding.chain == "finance-two"
}

test_not_knowing_is_not_verified if {
	some finding in vendors.findings with input as pay({})
	finding.effect == "approval"
}
