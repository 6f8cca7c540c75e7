/** What is refused of an `auth` block before anything is asked, and what a run with renewed tokens needs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { authSecret, openToken, requireOneToken } from '../../../../src/run/open/run-token.ts';
import { requireRenewing } from '../../../../src/run/story/renewing-library.ts';
import { targetFrom } from '../../../fakes/topology.ts';

const folders: string[] = [];
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gauntlet-token-'));
  folders.push(made);
  return made;
}
const target = (auth: string, file = 't.yaml') =>
  targetFrom(file, `name: t\nplatform: none\ngateway: { url: "http://127.0.0.1" }\nauth: ${auth}`);
const client = (more: string) =>
  target(
    `{ clientCredentials: { tokenUrl: "https://login/token", clientId: g, clientSecret: "env:S"${more} } }`,
  );

describe('the auth of a target', () => {
  it('takes a token from a file beside the target file, without the line break of editors', async () => {
    const at = folder();
    writeFileSync(join(at, 'shop.token'), 'a-token\n');
    const { signal } = new AbortController();
    const token = await openToken(target('{ tokenFrom: "file:shop.token" }', join(at, 't.yaml')), {}, signal);
    expect([token.current(), token.isRenewed]).toEqual(['a-token', false]);
  });

  it.each([
    ['{ tokenFrom: "file:/no/such" }', 'target t: auth.tokenFrom: expected a readable file /no/such, got '],
    [
      '{ clientCredentials: { tokenUrl: "https://login/token", clientId: g, clientSecret: "env:SHOP_SECRE" } }',
      'target t: auth.clientCredentials.clientSecret: expected a secret in the environment variable SHOP_SECRE, got nothing. ' +
        'Did you mean SHOP_SECRET? Set it, for example: SHOP_SECRE=... gauntlet run ...',
    ],
    [
      '{ clientCredentials: { tokenUrl: "http://login/token", clientId: g, clientSecret: "env:SHOP_SECRET" } }',
      'target t: auth.clientCredentials.tokenUrl: expected https, since the client sends its secret, got plain http to login. ' +
        'Use https, or write insecure: true next to it, such as inside a cluster.',
    ],
  ])('is refused by its words: %s', (auth, words) => {
    expect(() => authSecret(target(auth), { SHOP_SECRET: 'x' })).toThrow(words);
  });

  it.each([
    '{ tokenUrl: "http://login/token", insecure: true',
    '{ tokenUrl: "http://127.0.0.1:8080/token"',
    '{ tokenUrl: "http://[::1]:8080/token"',
  ])('may be plain http: %s', (auth) => {
    const one = target(`{ clientCredentials: ${auth}, clientId: g, clientSecret: "env:S" } }`);
    expect(authSecret(one, { S: 'secret-of-g' })).toBe('secret-of-g');
  });

  it('is one on both sides of a gate', () => {
    expect(() => requireOneToken(client(''), client(''))).not.toThrow();
    expect(() => requireOneToken(client(''), client(', scope: read'))).toThrow(
      'auth: expected the same in t and t, since one load with one token goes to both, got two. Write the same auth block into both target files.',
    );
  });
});

describe('scripts with tokens that renew', () => {
  it('are refused with an older copy of the library, in a folder or in a bundle', () => {
    const at = folder();
    mkdirSync(join(at, 'scenarios', 'shop'), { recursive: true });
    const [library, script] = [join(at, 'scenarios', 'gauntlet.ts'), join(at, 'scenarios', 'shop', 'buy.ts')];
    writeFileSync(script, "import { token } from '../gauntlet.ts';");
    writeFileSync(library, "setting('GAUNTLET_LOAD'); __ENV['GAUNTLET_TOKEN_HELD'];");
    expect(() => requireRenewing([script])).not.toThrow();
    writeFileSync(library, "setting('GAUNTLET_LOAD');");
    expect(() => requireRenewing([script, script])).toThrow(
      `${library}: expected a library that renews tokens, for a target with clientCredentials, got an older one. ` +
        'Refresh it: gauntlet init --library (or bundle the script again).',
    );
    writeFileSync(library, "__ENV['GAUNTLET_LOAD']; __ENV['GAUNTLET_TOKEN_HELD'];");
    writeFileSync(script, "__ENV['GAUNTLET_LOAD'];");
    expect(() => requireRenewing([script])).toThrow(script);
  });
});
