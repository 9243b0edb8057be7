import { type Handled } from '../handled';
import { decideEach, type Decision } from './decide-each';
import { type Stage } from './stage';

const DECISIONS: readonly Decision[] = [
  {
    file: '29-press-line.xml',
    answers: [
      { by: 'bob', choice: 'approve', reason: 'The second instalment is due on delivery; it was delivered.' },
      { by: 'carol', choice: 'approve', reason: 'In the investment plan of this year.' },
    ],
    expected: 'executed',
  },
  {
    file: '31-second-one-says-no.xml',
    answers: [
      { by: 'bob', choice: 'approve', reason: 'Ordered by the laboratory.' },
      { by: 'carol', choice: 'deny', reason: 'Not in the investment plan.' },
    ],
    expected: 'rejected',
  },
];

/** The largest sums need two different people, of finance and of controlling. One who is both is still one. */
export async function twoPeople(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('The largest sums need two people');
  const [decided, twice] = await Promise.all([decideEach(stage, DECISIONS), signedTwice(stage)]);
  const { headline, votes, invoice } = twice;
  stage.tell.note(
    `bob sees "${headline}": approves, and at the gateway approves again, for controlling. That is ${votes} vote; it waits for carol.`,
  );
  stage.tell.invoice(invoice);
  return [...decided, invoice];
}

async function signedTwice({
  agent,
  bobAtTheGateway,
  people,
}: Stage): Promise<{ readonly headline: string; readonly votes: number; readonly invoice: Handled }> {
  const submission = await agent.handIn('32-signed-twice.json');
  const reading = await bobAtTheGateway.read(submission);
  const reason = 'Steel is not getting cheaper.';
  const headline = await people.bob.decide(submission, 'approve', reason);
  const votes = await bobAtTheGateway.approveAgain(reading, reason);
  await people.carol.decide(submission, 'approve', 'Weighed: 20 t.');
  return { headline, votes, invoice: await submission.ended('executed', ['bob', 'carol']) };
}
