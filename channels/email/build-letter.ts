import { type Notice } from '../../domain/notice';
import { visibleText } from '../../domain/visible-text';
import { type DueMail } from './due-mail';
import { type Letter, subjectOf } from './letter';
import { requestSections } from './request-sections';

/** Four screens of parameters. What is longer nobody reads in a mail, and many servers refuse mails that grow without bound. */
const MAX_PARAMS = 16_384;

/** The same for the same notice; `url` is the only secret in it. Without one it is what is kept as evidence of what was shown. */
export function buildLetter(notice: Notice, due: DueMail, url?: string): Letter {
  const { headline } = notice.card;
  if (due.kind === 'closed') {
    const lines = [`${closing(notice, due.state)} Nothing to do.`, headline].map(visibleText);
    return { subject: subjectOf(`Re: Decide: ${headline}`), sections: [{ title: 'Closed', lines }] };
  }
  const [re, lead] =
    due.kind === 'asked'
      ? ['', 'An agent asks to do this, and it waits for you.']
      : ['Re: ', `Reminder ${String(due.reminder)}: this still waits for you.`];
  return {
    subject: subjectOf(`${re}Decide: ${headline}`),
    sections: [{ title: lead, lines: [] }, ...requestSections(notice, MAX_PARAMS)],
    ...(url !== undefined && {
      link: {
        words:
          'Read it in full and decide, with a code that is then sent to this address. Opening the page decides nothing:',
        url,
      },
    }),
  };
}

/** What everybody who need not decide any more is told. */
export function closing(notice: Notice, state: Exclude<Notice['state'], 'open'>): string {
  const by = (choice: 'approve' | 'deny'): string => {
    const people = notice.stages.flatMap(({ votes }) => votes.filter((vote) => vote.choice === choice));
    return [...new Set(people.map(({ person }) => person))].join(', ');
  };
  switch (state) {
    case 'approved':
      return `Decided: approved by ${by('approve')}.`;
    case 'rejected':
      return `Decided: denied by ${by('deny')}.`;
    case 'expired':
      return 'Nobody decided in time, so nothing happened.';
    case 'cancelled':
      return 'It was withdrawn.';
    case 'superseded':
      return 'What it rested on has changed; if people are needed still, they are asked anew.';
    case 'unanswerable':
      return 'Nobody is left who could countersign it, so nothing happened.';
  }
}
