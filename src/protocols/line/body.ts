/** The body of a question, from the system file or from a file beside it. */
import { readFileSync } from 'node:fs';
import { messageOf, usageError } from '../../core/errors.ts';
import type { Body } from '../../core/system.ts';

/** @throws usage when its file cannot be read, or is not JSON. */
export function bodyIn(body: Body): unknown {
  if (body.kind === 'json') return body.json;
  const subject = body.file;
  let text: string;
  try {
    text = readFileSync(body.file, 'utf8');
  } catch (error) {
    throw usageError({ subject, expected: 'the body of a question', got: messageOf(error) });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError({ subject, expected: 'JSON', got: messageOf(error) });
  }
}
