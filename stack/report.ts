/** Takes one line of progress, for a person to read. Never data, never a secret. */
export type Report = (line: string) => void;
