package countersign.finding_test

import data.countersign.finding

test_an_allow_has_a_code if {
	finding.allow("a.b") == {"code": "a.b", "effect": "allow"}
}

test_a_deny_says_what_to_do if {
	finding.deny("a.b", "No.", "Ask.") == {"code": "a.b", "effect": "deny", "message": "No.", "remedy": "Ask."}
}

test_an_approval_names_its_chain if {
	finding.approval("a.b", "two", "Big.") == {"code": "a.b", "effect": "approval", "chain": "two", "message": "Big."}
}
