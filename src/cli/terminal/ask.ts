/** Questions to a person, one line each. */
import { GauntletError } from '../../core/errors.ts';

export interface Asker {
  ask(question: string): Promise<string>;
  close(): void;
}

/** @throws interrupted when the terminal closes, or at Ctrl-C. */
export async function openAsker(): Promise<Asker> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<never>((_, reject) => {
    const end = (): void => reject(new GauntletError('interrupted', [NOBODY]));
    terminal.once('close', end);
    terminal.once('SIGINT', end);
  });
  // Nobody may be asking when it closes.
  closed.catch(() => undefined);
  return {
    ask: async (question) => await Promise.race([terminal.question(question), closed]),
    close: () => terminal.close(),
  };
}

const NOBODY = { subject: 'init', expected: 'an answer', text: 'no answer' };
