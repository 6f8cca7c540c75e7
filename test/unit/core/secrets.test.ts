/** A secret that was kept is in no text that people or programs get: whole, encoded, escaped or cut short. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, GauntletError, messageOf, show } from '../../../src/core/errors.ts';
import { plain, printableJson, printableLines } from '../../../src/core/plain.ts';
import { keepSecret, redact, redactAll } from '../../../src/core/secrets.ts';

const CANARY = 'canary.3f"Zq\\9+/=_~token-0123456789abcdef';
keepSecret('CANARY', CANARY);

/** No stretch of it that would help to guess it. */
function holdsNothing(text: string): void {
  for (let at = 0; at + 12 <= CANARY.length; at += 1) {
    const isEnd = at === 0 || at + 12 === CANARY.length;
    if (isEnd) expect(text).not.toContain(CANARY.slice(at, at + 12));
  }
  expect(text).not.toContain(CANARY);
}

describe('a secret', () => {
  it.each([
    ['as it is', CANARY],
    ['in JSON', JSON.stringify({ authorization: `Bearer ${CANARY}` })],
    ['in a URL', `http://h/?token=${encodeURIComponent(CANARY)}`],
    ['in base64', Buffer.from(CANARY).toString('base64')],
    ['in base64 for URLs', Buffer.from(CANARY).toString('base64url')],
    ['cut short at its end', `echo ${CANARY.slice(0, 20)}...`],
    ['cut short at its beginning', `...${CANARY.slice(-20)} echoed`],
  ])('is masked %s', (_, text) => {
    const shown = redact(text);
    holdsNothing(shown);
    expect(shown).toContain('[CANARY]');
  });

  it('is masked in errors, also when an answer that echoes it is cut short by 80 signs', () => {
    const echo = show(`${'x'.repeat(40)} Bearer ${CANARY}`);
    const problem = { subject: `POST ${CANARY}`, expected: CANARY, got: echo, next: CANARY };
    holdsNothing(formatProblem(problem));
    holdsNothing(new GauntletError('usage', [problem]).message);
    holdsNothing(messageOf(new TypeError(`Headers.append: "Bearer ${CANARY}" is an invalid header value.`)));
  });

  it('is masked at any place of any text, and the rest of the text stays', () => {
    const words = fc.stringMatching(/^[ -~]{0,40}$/).filter((text) => !text.includes('canary'));
    fc.assert(
      fc.property(words, words, (before, after) => {
        expect(redact(`${before} ${CANARY} ${after}`)).toBe(`${before} [CANARY] ${after}`);
        expect(redactAll({ a: [before, { b: `${CANARY}` }], n: 1, z: null })).toEqual({
          a: [before, { b: '[CANARY]' }],
          n: 1,
          z: null,
        });
      }),
    );
  });

  it('for any token, is in no message that holds a stretch of it', () => {
    const token = fc.stringMatching(/^[!-~]{16,60}$/);
    fc.assert(
      fc.property(token, fc.nat(60), (value, cut) => {
        keepSecret('T', value);
        const length = Math.max(12, Math.min(cut, value.length));
        expect(redact(`got ${value.slice(0, length)}`)).not.toContain(value.slice(0, length));
        expect(redact(`got ${value.slice(-length)}.`)).not.toContain(value.slice(-length));
      }),
      { numRuns: 50 },
    );
  });

  it('that is short is masked as a word only, and never inside what a program reads again', () => {
    keepSecret('SHORT', 'hive');
    expect(redact('Bearer hive')).toBe('Bearer [SHORT]');
    expect(redact('archives of a beehive')).toBe('archives of a beehive');
    expect(redactAll({ service: 'hive' })).toEqual({ service: 'hive' });
  });
});

const ESC = '\u001b';
const HOSTILE = `ok${ESC}]52;c;aGk=\u0007 ${ESC}[2J\u009b31m\r\n::error::faked\u202Eevil`;

describe('foreign text', () => {
  it('reaches a terminal as words, and a line of it never begins at the margin', () => {
    expect(plain(HOSTILE)).not.toContain('\n');
    for (const shown of [
      plain(HOSTILE),
      formatProblem({ subject: 'redis', expected: '+PONG', got: HOSTILE }),
      new GauntletError('unavailable', [{ subject: HOSTILE, expected: HOSTILE }]).message,
    ]) {
      expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      expect(shown).toContain('::error::faked');
      for (const line of shown.split('\n').slice(1)) expect(line).toMatch(/^ {2}/);
    }
  });

  it('keeps the lines and the indentation that we wrote ourselves', () => {
    expect(printableLines(`  a${ESC}[0m\n    b\tc`)).toBe('  a [0m\n    b c');
  });

  it('is the same JSON and moves no cursor', () => {
    const value = { comm: HOSTILE, deep: [`\u009b\u202e\u007f`] };
    const text = printableJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });
});
