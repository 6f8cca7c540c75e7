/** The token of a target: read where the file says, refused without being shown when no header can hold it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openToken } from '../../../../src/run/open/run-token.ts';
import { checkSecrets } from '../../../../src/run/open/secrets.ts';
import { targetFrom } from '../../../fakes/topology.ts';

const target = targetFrom(
  't.yaml',
  'name: t\nplatform: none\ngateway: { url: "http://127.0.0.1" }\nauth: { tokenFrom: "env:GW_TOKEN" }',
);
const refusal = (token: string): string => {
  try {
    checkSecrets(target, { GW_TOKEN: token });
    return 'accepted';
  } catch (error) {
    expect(error).toMatchObject({ kind: 'usage' });
    return (error as Error).message;
  }
};

describe('the token of a target', () => {
  it('is handed on as it is when a header can hold it', async () => {
    const { signal } = new AbortController();
    const token = await openToken(target, { GW_TOKEN: 'eyJh.b-c_d~+/=' }, signal);
    expect([token.current(), token.env()]).toEqual(['eyJh.b-c_d~+/=', { GAUNTLET_TOKEN: 'eyJh.b-c_d~+/=' }]);
  });

  it.each([
    ['a line break', 'first-part-of-it\nsecond', 'one with a line break at position 17 of 23'],
    ['a blank', 'two words-of-a-token', 'one with a blank at position 4 of 20'],
    ['a control character', 'abc\u0000def-ghi', 'one with a control character at position 4 of 11'],
    ['another script', 'tokén-of-a-gateway', 'one with a character that is not ASCII at position 4 of 18'],
  ])('is refused with %s, by place and kind', (_, token, said) => {
    expect(refusal(token)).toBe(
      'target t: auth.tokenFrom: expected a token in GW_TOKEN of ASCII letters, digits and punctuation without blanks, as a header ' +
        `requires, got ${said}. The cause is often a file with line breaks, or wrapped base64: remove the line breaks.`,
    );
  });

  it('is never shown, whatever it is', () => {
    const strange = fc.tuple(
      fc.stringMatching(/^[A-Za-z0-9]{12,40}$/),
      fc.constantFrom('\n', '\r\n', ' ', '\t', '\u0000', 'é', '\u2028'),
      fc.stringMatching(/^[A-Za-z0-9]{12,40}$/),
    );
    fc.assert(
      fc.property(strange, ([head, between, tail]) => {
        const said = refusal(`${head}${between}${tail}`);
        expect(said).toContain('auth.tokenFrom');
        expect(said.includes(head) || said.includes(tail)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('is missed by the name of its variable', () => {
    expect(() => checkSecrets(target, { GW_TOKN: 'x' })).toThrow(
      'target t: auth.tokenFrom: expected a token in the environment variable GW_TOKEN, got nothing. Did you mean GW_TOKN? ' +
        'Set it, for example: GW_TOKEN=... gauntlet run ...',
    );
  });
});
