import { createTransport } from 'nodemailer';
import { mailResultOf } from './mail-result';

/** Together they are shorter than whoever looks at a server waits. */
const TIMEOUTS = { dnsTimeout: 3_000, connectionTimeout: 3_000, greetingTimeout: 3_000, socketTimeout: 5_000 };

/** Logs in and leaves again, without sending anything. A code of what went wrong; `undefined`: nothing. */
export async function askMailServer({ url }: { readonly url: string }): Promise<string | undefined> {
  const transport = createTransport({ url, ...TIMEOUTS });
  try {
    await transport.verify();
    return undefined;
  } catch (error) {
    const result = mailResultOf(error, false);
    return result.kind === 'sent' ? undefined : result.code;
  } finally {
    transport.close();
  }
}
