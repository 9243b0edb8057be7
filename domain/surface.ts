/** One message that shows a request somewhere, as it is stored. */
export interface Surface {
  /** Its name within the request: `slack/card`, `slack/event/3`, `email/bob/asked`. */
  readonly surface: string;
  readonly channel: 'slack' | 'email';
  /** A Slack channel or conversation; a person. Never an address. */
  readonly place: string;
  /** What its system calls it: a Slack timestamp, a Message-ID. Absent until it is known to have arrived. */
  readonly externalId: string | null;
  /** The version of the notice that it shows. */
  readonly version: number;
  /** `gone`: whoever owns the place removed it, or refuses us; it is not tried again. */
  readonly state: 'intended' | 'shown' | 'gone';
  /** Milliseconds since it was first intended, by database time. */
  readonly ageMs: number;
}
