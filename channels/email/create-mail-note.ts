import { hash } from 'node:crypto';
import { type TellPerson } from '../channel';
import { htmlOf, type Letter, subjectOf, textOf } from './letter';
import { type MailSender } from './mail-sender';

/** Mails a note. Sent once more after a lost answer, it has the same Message-ID, by which mail programs know it again. */
export function createMailNote({ send, from }: { readonly send: MailSender; readonly from: string }): TellPerson {
  return async ({ id, headline, lines }, address) => {
    const letter: Letter = { subject: subjectOf(headline), sections: [{ title: headline, lines }] };
    const name = hash('sha256', `note\0${id}`, 'hex').slice(0, 40);
    const messageId = `<${name}@${from.slice(from.lastIndexOf('@') + 1)}>`;
    const result = await send({
      to: address,
      subject: letter.subject,
      text: textOf(letter),
      html: htmlOf(letter),
      messageId,
    });
    return result.kind === 'sent' ? { kind: 'told' } : { kind: result.kind, code: result.code };
  };
}
