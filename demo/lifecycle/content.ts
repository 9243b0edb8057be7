/** What every agent of the fleet is made of; as it is registered, and as each says of itself. */
export const CONTENT = {
  model: 'model-7',
  prompt: 'Pay what is due.',
  tools: ['payments.pay_invoice'],
  config: {},
};
