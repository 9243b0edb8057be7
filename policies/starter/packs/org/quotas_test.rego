package packs.org.quotas_test

import data.packs.org.quotas

set(quota, roles) := {
	"agent": {"team": "platform", "roles": roles},
	"action": {"type": "platform.set_quota", "params": {"quota": quota}},
}

cases := {
	"an operator may set a small quota": {"input": set(100, ["operator"]), "codes": {"quotas.operator"}},
	"a large one needs a person": {"input": set(101, ["operator"]), "codes": {"quotas.operator", "quotas.over_limit"}},
	"no quota is no small quota": {"input": set(null, ["operator"]), "codes": {"quotas.operator", "quotas.over_limit"}},
	"nobody else may": {"input": set(1, []), "codes": set()},
}

test_quotas[name] if {
	some name, case in cases
	found := quotas.findings with input as case.input with data.limits as {"set_quota": {"platform": 100}}
	{finding.code | some finding in found} == case.codes
}
