/** What a script learns from a command. */
export const EXIT = {
  /** Done; of an action: executed. */
  ok: 0,
  /** Refused, or ended otherwise: denied, rejected, expired, cancelled, undone. */
  refused: 1,
  /** The command was not understood, or cannot do its work as it was given. */
  usage: 2,
  /** Countersign does not answer, or cannot now. */
  unreachable: 3,
  /** Not ended in the time that the command waited. */
  pending: 4,
  /** A defect of ours, with its stack on stderr (EX_SOFTWARE of sysexits.h). */
  defect: 70,
} as const;

export const EXIT_HELP = `
Exit codes: 0 done or executed; 1 refused, or ended otherwise; 2 not understood, or cannot be done as given; 3 Countersign does not answer;
4 not ended in the time that was waited; 70 a defect.`;
