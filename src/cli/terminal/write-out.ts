/** Where a text goes that is made for a file: to stdout, or into the file of an option. */
import { writeFileSync } from 'node:fs';
import { messageOf, usageError } from '../../core/errors.ts';
import { redact } from '../../core/secrets.ts';
import type { CliContext } from './context.ts';

/** @param text ends with a line break; on stdout it is the only one at the end. */
export function printOrWrite(cli: CliContext, out: string | undefined, text: string): void {
  if (out === undefined) cli.frame(text.replace(/\n$/, ''));
  else writeOut(out, text);
}

/** The file of `--out`. @throws usage: it cannot be written. */
export const writeOut = (file: string, text: string): void => toFile('--out', file, text, writeFileSync);

/** @throws usage: it cannot be written. */
export function toFile(
  option: string,
  file: string,
  text: string,
  how: (file: string, text: string) => void,
): void {
  try {
    how(file, redact(text));
  } catch (error) {
    throw usageError({
      subject: option,
      expected: 'a file that can be written',
      got: messageOf(error),
      next: 'Choose another file.',
    });
  }
}
