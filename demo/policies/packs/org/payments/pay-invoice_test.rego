package packs.org.payments_test

import data.packs.org.payments

limits := {
	"pay_invoice": {"finance": {"EUR": 100000}},
	"pay_with_one_signature": {"finance": {"EUR": 2000000}},
}

ordinary := {
	"agent": {"team": "finance", "roles": ["invoice-payer"]},
	"action": {"type": "payments.pay_invoice", "params": {"amountMinor": 100000, "currency": "EUR"}},
	"facts": {"vendor": {"status": "active"}, "payment": {"paid": false}},
}

# What is changed in the ordinary payment, and the codes that follow.
cases := {
	"an ordinary payment is allowed": {"change": [], "codes": {"payments.payer"}},
	"an agent without the role is not": {
		"change": [{"op": "replace", "path": "/agent/roles", "value": []}],
		"codes": set(),
	},
	"one cent above the limit needs a person": {
		"change": [{"op": "replace", "path": "/action/params/amountMinor", "value": 100001}],
		"codes": {"payments.payer", "payments.over_limit"},
	},
	"one person may sign for the most that one person may": {
		"change": [{"op": "replace", "path": "/action/params/amountMinor", "value": 2000000}],
		"codes": {"payments.payer", "payments.over_limit"},
	},
	"one cent above that needs two": {
		"change": [{"op": "replace", "path": "/action/params/amountMinor", "value": 2000001}],
		"codes": {"payments.payer", "payments.over_one_signature"},
	},
	"no amount is no small amount": {
		"change": [{"op": "replace", "path": "/action/params/amountMinor", "value": null}],
		"codes": {"payments.payer", "payments.over_one_signature"},
	},
	"a currency without limits needs two people": {
		"change": [{"op": "replace", "path": "/action/params/currency", "value": "USD"}],
		"codes": {"payments.payer", "payments.over_one_signature"},
	},
	"a team without limits needs two people": {
		"change": [{"op": "replace", "path": "/agent/team", "value": "sales"}],
		"codes": {"payments.payer", "payments.over_one_signature"},
	},
	"posting it before it is paid is judged the same way": {
		"change": [
			{"op": "replace", "path": "/action/type", "value": "payments.post_and_pay"},
			{"op": "replace", "path": "/action/params/amountMinor", "value": 100001},
		],
		"codes": {"payments.payer", "payments.over_limit"},
	},
	"an inactive vendor is not paid": {
		"change": [{"op": "replace", "path": "/facts/vendor/status", "value": "inactive"}],
		"codes": {"payments.payer", "payments.vendor_inactive"},
	},
	"a vendor of whom nothing is known is not paid": {
		"change": [{"op": "remove", "path": "/facts/vendor"}],
		"codes": {"payments.payer", "payments.vendor_inactive"},
	},
	"an invoice is not paid twice": {
		"change": [{"op": "replace", "path": "/facts/payment/paid", "value": true}],
		"codes": {"payments.payer", "payments.already_paid"},
	},
	"not knowing whether it was paid is no reason to pay": {
		"change": [{"op": "remove", "path": "/facts/payment"}],
		"codes": {"payments.payer", "payments.already_paid"},
	},
	"a same-day payment needs somebody at once": {
		"change": [{"op": "add", "path": "/action/params/urgency", "value": "same-day"}],
		"codes": {"payments.payer", "payments.same_day"},
	},
}

test_pay_invoice[name] if {
	some name, case in cases
	found := payments.findings with input as json.patch(ordinary, case.change)
		with data.limits as limits
	{finding.code | some finding in found} == case.codes
}

test_another_action_is_not_our_business if {
	count(payments.findings) == 0 with input as json.patch(
		ordinary,
		[{"op": "replace", "path": "/action/type", "value": "payments.other"}],
	)
}
