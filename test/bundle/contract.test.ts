import { type PolicyProblems, type Problem } from '../../bundle/problem';
import { build, type Files, pdpOf } from './policy-directory';
import { decisionInput } from '../pdp/decision-input';

/** The documents as they were promised to the people who write them, to the letter. */
const CONTRACT: Files = {
  'pay-invoice.yaml': `
apiVersion: countersign/v1
kind: ActionType
id: payments.pay_invoice
version: 3
owner: team:finance
risk: high                 # low | medium | high | critical
effect: compensable        # read | reversible | compensable | irreversible
lane: brokered             # cooperative | permit | granted | brokered   (design §3.2)
params:                    # JSON Schema 2020-12; integers in minor units, everything bounded
  type: object
  additionalProperties: false
  required: [invoiceId, vendorId, amountMinor, currency]
  properties:
    invoiceId: { type: string, pattern: '^[A-Z0-9-]{1,32}$' }
    vendorId: { type: string, maxLength: 32 }
    amountMinor: { type: integer, minimum: 1, maximum: 100000000 }
    currency: { enum: [EUR, USD] }
facts:                     # fetched by us from the system of record, stored with the decision, never taken from the agent
  vendor: { source: erp, query: vendorById, args: { id: /params/vendorId }, missing: deny }
envelope: [/facts/vendor/iban]        # read again just before the effect; changed = back to approval
budget: { per: [team, currency], amount: /params/amountMinor }
steps:                     # in order; undone in reverse
  - { id: book, target: erp, do: insertBooking, undo: deleteBooking }
  - { id: pay, target: payments, do: createPayment, undo: refund, status: paymentByKey, verify: { /amountMinor: /params/amountMinor } }
grantTtl: 5m
card:                      # what an approver sees first; the complete canonical parameters always follow
  headline: 'Pay {amount} to {vendor}'
  amount: { money: [/params/amountMinor, /params/currency] }
  vendor: { text: /facts/vendor/name }
  IBAN: { text: /facts/vendor/iban, flagChanged: true }
`,
  'erp.yaml': `
kind: Target
id: erp
provider: http
address: https://erp.example
token: { audience: erp }
operations:
  vendorById: { method: GET, path: '/vendors/{id}' }
  insertBooking: { method: POST, path: /bookings, body: { invoiceId: /params/invoiceId }, status: bookingByKey }
  deleteBooking: { method: DELETE, path: '/bookings/{id}', args: { id: /steps/book/id } }
  bookingByKey: { method: GET, path: /bookings, query: { key: /key } }
`,
  'payments.yaml': `
kind: Target
id: payments
provider: http
address: https://payments.example
token: { audience: payments }
operations:
  createPayment: { method: POST, path: /payments, body: { amountMinor: /params/amountMinor, iban: /facts/vendor/iban, kind: { const: sepa } } }
  refund: { method: POST, path: '/payments/{id}/refund', args: { id: /steps/pay/id } }
  paymentByKey: { method: GET, path: /payments, query: { key: /key } }
`,
  'finance-two.yaml': `
kind: ApprovalChain
id: finance-two
decideWithin: 24h          # time to decide
validFor: 30m              # last vote → effect
stages:
  - { from: [group:finance-approvers], need: 1, remind: [1h], escalate: { after: 4h, to: [group:finance-leads] } }
  - { from: [group:controllers], need: 1, reason: required }
`,
  'data/limits.json': '{"pay_invoice": {"finance": {"EUR": 100000}}}',
  'data/budgets.yaml': 'payments.pay_invoice: { window: P1D, limits: { finance: { EUR: 1000000 } } }',
  'packs/org/payments.rego': `package packs.org.payments

import data.countersign.finding

pays if input.action.type == "payments.pay_invoice"

findings contains finding.allow("payments.payer") if {
	pays
	"invoice-payer" in input.agent.roles
}

findings contains finding.deny("payments.vendor_inactive", "The vendor is not active.", "Ask procurement to onboard it.") if {
	pays
	not vendor_active
}

findings contains finding.approval("payments.over_limit", "finance-two", "Above the team's limit.") if {
	pays
	not within_limit
}

vendor_active if input.facts.vendor.status == "active"

within_limit if {
	amount := input.action.params.amountMinor
	is_number(amount) # null <= 1000 is true in Rego
	amount <= data.limits.pay_invoice[input.agent.team][input.action.params.currency]
}
`,
};

it('documents that follow the contract build, with every default written out', async () => {
  const { content } = await build(CONTRACT);
  expect(content.catalogue.actionTypes['payments.pay_invoice']).toMatchObject({
    version: 3,
    grantTtlMs: 300_000,
    budget: { per: ['team', 'currency'], amount: '/params/amountMinor', currency: '/params/currency' },
    steps: [
      { id: 'book', status: 'bookingByKey' },
      { id: 'pay', status: 'paymentByKey' },
    ],
    card: { headline: 'Pay {amount} to {vendor}', fields: { IBAN: { text: '/facts/vendor/iban', flagChanged: true } } },
  });
  expect(content.catalogue.chains['finance-two']).toEqual({
    id: 'finance-two',
    decideWithinMs: 86_400_000,
    validForMs: 1_800_000,
    stages: [
      {
        from: ['group:finance-approvers'],
        need: 1,
        reason: 'optional',
        remindAfterMs: [3_600_000],
        escalate: { afterMs: 14_400_000, to: ['group:finance-leads'] },
      },
      { from: ['group:controllers'], need: 1, reason: 'required', remindAfterMs: [] },
    ],
  });
  expect(content.catalogue.targets['erp']?.limits).toEqual({ timeoutMs: 2_000, responseBytes: 65_536 });
  expect(content.catalogue.data).toMatchObject({ limits: { pay_invoice: { finance: { EUR: 100_000 } } } });
});

it('decides as the contract says', async () => {
  const pdp = await pdpOf(CONTRACT);
  const params = { invoiceId: 'I-1', vendorId: 'v', amountMinor: 100_000, currency: 'EUR' };
  const ask = (change: { amountMinor?: number; roles?: string[]; status?: string }) =>
    pdp.decide(
      decisionInput({
        type: 'payments.pay_invoice',
        team: 'finance',
        roles: change.roles ?? ['invoice-payer'],
        params: { ...params, amountMinor: change.amountMinor ?? 100_000 },
        facts: { vendor: { status: change.status ?? 'active' } },
      }),
    );
  expect(ask({}).effect).toBe('allow');
  expect(ask({ amountMinor: 100_001 })).toMatchObject({ effect: 'require_approval', chains: ['finance-two'] });
  expect(ask({ status: 'inactive' }).effect).toBe('deny');
  expect(ask({ roles: [] }).findings.map(({ code }) => code)).toContain('policy.no_allow');
});

it('what the contract promises and this version cannot do is refused, plainly', async () => {
  const passkey = {
    ...CONTRACT,
    'finance-two.yaml': (CONTRACT['finance-two.yaml'] ?? '').replace('reason: required', 'assurance: passkey'),
  };
  const problems: readonly Problem[] = await build(passkey).then(
    () => [],
    (error: unknown) => (error as PolicyProblems).problems,
  );
  expect(problems).toMatchObject([
    { file: 'finance-two.yaml', path: '/stages/1/assurance', message: 'is not supported yet.' },
  ]);
});
