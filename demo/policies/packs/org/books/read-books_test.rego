package packs.org.books_test

import data.packs.org.books

ask(type, roles) := {"agent": {"roles": roles}, "action": {"type": type}}

test_who_pays_may_look if {
	count(books.findings) == 1 with input as ask("books.read", ["invoice-payer"])
}

test_nobody_else_may if {
	count(books.findings) == 0 with input as ask("books.read", [])
}

test_another_action_is_not_our_business if {
	count(books.findings) == 0 with input as ask("books.write", ["invoice-payer"])
}
