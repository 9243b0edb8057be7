# METADATA
# title: Reading the general ledger
# description: Agents that pay may look at what was posted; the database itself lets them do no more.
package packs.org.books

import data.countersign.finding

findings contains finding.allow("books.reader") if {
	input.action.type == "books.read"
	"invoice-payer" in input.agent.roles
}
