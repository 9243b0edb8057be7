/** What one look has shown. Neither sentence ever holds a secret, or an address that a password stands in. */
export interface Finding {
  /** `off`: not set up, or not to be seen from here; nothing is wrong. */
  readonly state: 'ok' | 'problem' | 'off';
  readonly says: string;
  /** What to do about a problem. */
  readonly remedy?: string;
}

export interface Check {
  readonly name: string;
  /** What to do where the look itself fails, or ends in no time. */
  readonly remedy: string;
  readonly look: () => Promise<readonly Finding[]> | readonly Finding[];
}

export const ok = (says: string): Finding => ({ state: 'ok', says });
export const off = (says: string): Finding => ({ state: 'off', says });
export const problem = (says: string, remedy: string): Finding => ({ state: 'problem', says, remedy });
