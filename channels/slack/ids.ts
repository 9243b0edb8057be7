/** Names that stand in messages long after the process that sent them is gone, and so never change. */
export const ACTIONS = {
  approve: 'countersign.approve',
  deny: 'countersign.deny',
  show: 'countersign.show',
} as const;

export const VIEWS = { approve: 'countersign.approve-reason', deny: 'countersign.deny-reason' } as const;

export const CARD_EVENT = 'countersign_card';

/** What a button is about: the request, and the beginning of the digest that its card shows. It authorises nothing. */
export interface ButtonSubject {
  readonly request: string;
  /** The first 16 hex digits: enough to tell a card of an older round from that of now. */
  readonly digestStart: string;
}

const VALUE = /^(apr-[0-9a-f-]{36}-[0-9]{1,6})\.([0-9a-f]{16})$/;

export function digestStart(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 16);
}

export function buttonValue(request: string, digest: string): string {
  return `${request}.${digestStart(digest)}`;
}

/** `undefined`: no button of ours has that value. */
export function readButtonValue(value: unknown): ButtonSubject | undefined {
  const [, request, digestStart] = typeof value === 'string' ? (VALUE.exec(value) ?? []) : [];
  return request === undefined || digestStart === undefined ? undefined : { request, digestStart };
}
