/** How much of each part a card shows, in the size of escape.ts, and how many of each. What is left out is counted on the card. */
export interface CardSizes {
  readonly headline: number;
  readonly state: number;
  readonly fields: number;
  readonly field: number;
  /** What the request is besides its facts: type, agent, risk, … */
  readonly trait: number;
  readonly rules: number;
  readonly rule: number;
  readonly because: number;
  readonly stages: number;
  readonly groups: number;
  readonly mentions: number;
  readonly votes: number;
  readonly vote: number;
}

/** Ten fields are what a section of Slack's takes; eight traits there are. Everything that people write in earnest fits. */
export const WIDE: CardSizes = {
  ...{ headline: 600, state: 500, fields: 10, field: 400, trait: 200, rules: 6, rule: 300, because: 1_500 },
  ...{ stages: 6, groups: 6, mentions: 20, votes: 8, vote: 300 },
};

/** For a card that would leave no room for its parameters: all of it at its largest takes 9 of the 10 kilobytes that there are. */
export const NARROW: CardSizes = {
  ...{ headline: 300, state: 200, fields: 8, field: 120, trait: 90, rules: 3, rule: 150, because: 300 },
  ...{ stages: 4, groups: 3, mentions: 8, votes: 4, vote: 120 },
};
