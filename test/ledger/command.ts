import { ledgerCommand } from '../../cli/commands/ledger';
import { endWith } from '../../cli/end-with';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Runs `countersign ledger …` in this process. */
export async function runLedger(...args: string[]): Promise<CommandResult> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [capture(process.stdout, out), capture(process.stderr, err)];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await ledgerCommand().exitOverride().parseAsync(args, { from: 'user' }).catch(endWith);
    return { stdout: out.join(''), stderr: err.join(''), exitCode: Number(process.exitCode) };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = before;
  }
}

function capture(stream: NodeJS.WriteStream, chunks: string[]): jest.SpyInstance {
  return jest.spyOn(stream, 'write').mockImplementation((chunk) => {
    chunks.push(String(chunk));
    return true;
  });
}
