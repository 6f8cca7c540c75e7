/** What a target says about where it runs: declared, never measured, since a frequency differs each night. */
import { printable } from '../../core/plain.ts';
import { reading } from './word.ts';

const LONGEST = 100;

/** A text or a number, kept as its text. */
export const environmentWord = reading<string>(
  (value) => {
    const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
    if (typeof text === 'string' && isShort(text)) return { ok: true, value: text.trim() };
    return {
      ok: false,
      expected: `a text of at most ${LONGEST} characters on one line, or a number`,
    };
  },
  { type: ['string', 'number'], pattern: '\\S', maxLength: LONGEST },
);

const isShort = (text: string): boolean =>
  text.trim() !== '' && text.length <= LONGEST && printable(text) === text && !text.includes('\n');
