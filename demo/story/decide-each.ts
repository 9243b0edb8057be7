import { type Handled, type InvoiceEnding } from '../handled';
import { type Stage } from './stage';

/** What one person answers when asked about an invoice. */
export interface Answer {
  readonly by: 'bob' | 'carol';
  readonly choice: 'approve' | 'deny';
  readonly reason: string;
}

/** An invoice that people are asked about, one after the other. */
export interface Decision {
  readonly file: string;
  readonly answers: readonly Answer[];
  readonly expected: InvoiceEnding;
}

interface Decided {
  readonly notes: readonly string[];
  readonly invoice: Handled;
}

/** Hands invoices in and has people decide on them, all at once; tells of them in their order. */
export async function decideEach(stage: Stage, decisions: readonly Decision[]): Promise<readonly Handled[]> {
  const decided = await Promise.all(decisions.map((decision) => decide(stage, decision)));
  return decided.map(({ notes, invoice }) => {
    notes.forEach((note) => stage.tell.note(note));
    stage.tell.invoice(invoice);
    return invoice;
  });
}

async function decide({ agent, people }: Stage, { file, answers, expected }: Decision): Promise<Decided> {
  const submission = await agent.handIn(file);
  const notes: string[] = [];
  for (const { by, choice, reason } of answers) {
    const headline = await people[by].decide(submission, choice, reason);
    notes.push(`${by} sees "${headline}": ${choice === 'approve' ? 'approves' : 'denies'}. ${reason}`);
  }
  const approvers = expected === 'executed' ? answers.map(({ by }) => by).sort() : undefined;
  return { notes, invoice: await submission.ended(expected, approvers) };
}
