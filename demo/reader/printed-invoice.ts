/** What an invoice says, as text: nothing is interpreted yet. */
export interface PrintedInvoice {
  readonly invoiceId: string;
  readonly vendorId: string;
  readonly amount: string;
  readonly currency: string;
  readonly issueDate: string;
  readonly dueDate: string;
  /** Of the buyer's general ledger, where the vendor was told one. */
  readonly account?: string;
  readonly note?: string;
}

/** Why a file is no invoice that could be read. The message is for the person who looks after the agent. */
export interface InvoiceProblem {
  readonly kind: 'problem';
  readonly code:
    'too_large' | 'malformed' | 'forbidden_markup' | 'not_an_invoice' | 'amount_unreadable' | 'unknown_format';
  readonly message: string;
  /** As far as it was legible. */
  readonly printed?: PrintedInvoice;
}
