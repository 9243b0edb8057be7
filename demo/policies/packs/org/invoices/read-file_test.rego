package packs.org.invoices_test

import data.packs.org.invoices

ordinary := {
	"agent": {"team": "finance", "roles": ["invoice-payer"]},
	"action": {"type": "invoices.read_file", "params": {"file": "inv-1.xml", "bytes": 1000}},
}

# What is changed in the ordinary file, and the codes that follow.
cases := {
	"an ordinary file is read": {"change": [], "codes": {"invoices.reader"}},
	"an agent without the role does not": {
		"change": [{"op": "replace", "path": "/agent/roles", "value": []}],
		"codes": set(),
	},
	"one byte too many is no invoice": {
		"change": [{"op": "replace", "path": "/action/params/bytes", "value": 1001}],
		"codes": {"invoices.reader", "invoices.too_large"},
	},
	"no size is no small size": {
		"change": [{"op": "replace", "path": "/action/params/bytes", "value": null}],
		"codes": {"invoices.reader", "invoices.too_large"},
	},
	"another action is not our business": {
		"change": [{"op": "replace", "path": "/action/type", "value": "invoices.other"}],
		"codes": set(),
	},
}

test_read_file[name] if {
	some name, case in cases
	found := invoices.findings with input as json.patch(ordinary, case.change)
		with data.limits.read_file as {"bytes": 1000}
	{finding.code | some finding in found} == case.codes
}

test_without_a_limit_nothing_is_small if {
	found := invoices.findings with input as ordinary
		with data.limits as {}
	{finding.code | some finding in found} == {"invoices.reader", "invoices.too_large"}
}
