/** SASL on the client's side: the vectors of RFC 7677, and a server of our own for everything else. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bearerExchange } from '../../../../src/protocols/kafka/sasl/bearer.ts';
import { plainExchange } from '../../../../src/protocols/kafka/sasl/plain.ts';
import { type ScramHash, scramExchange } from '../../../../src/protocols/kafka/sasl/scram.ts';

const FIRST = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';

function vector(password = 'pencil') {
  return scramExchange({ hash: 'sha256', user: 'user', password, nonce: 'rOprNGfwEbeRWgbNEkqO' });
}

/** A server as RFC 5802 says it, from the stored keys and the two messages of the client. */
function server(hash: ScramHash, password: string, salt: Buffer, first: string, nonce: string) {
  const size = hash === 'sha256' ? 32 : 64;
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const salted = pbkdf2Sync(password, salt, 4096, size, hash);
  const clientKey = hmac(salted, 'Client Key');
  const bare = first.slice('n,,'.length);
  const both = `${bare.slice(bare.lastIndexOf(',r=') + 3)}${nonce}`;
  const challenge = `r=${both},s=${salt.toString('base64')},i=4096`;
  return {
    challenge,
    /** Whether the proof is the user's, and the signature of the server. */
    judge(final: string) {
      const at = final.lastIndexOf(',p=');
      const message = `${bare},${challenge},${final.slice(0, at)}`;
      const signature = hmac(createHash(hash).update(clientKey).digest(), message);
      const proof = Buffer.from(final.slice(at + 3), 'base64');
      const key = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)));
      const verifier = hmac(hmac(salted, 'Server Key'), message).toString('base64');
      return { isKnown: key.equals(clientKey), verifier };
    },
  };
}

describe('SCRAM', () => {
  it('says what RFC 7677 says, and trusts its server', async () => {
    const exchange = vector();
    expect(exchange.first().toString()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    expect((await exchange.next(Buffer.from(FIRST)))?.toString()).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    const final = Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
    expect(await exchange.next(final)).toBeUndefined();
  });

  it('trusts no server that does not know the password, and repeats what the server says', async () => {
    const [wrong, told] = [vector(), vector()];
    for (const one of [wrong, told]) await one.next(Buffer.from(FIRST));
    await expect(wrong.next(Buffer.from(`v=${Buffer.alloc(32).toString('base64')}`))).rejects.toMatchObject({
      got: 'a server that does not know the password itself (its signature is wrong)',
    });
    await expect(told.next(Buffer.from('e=invalid-proof'))).rejects.toMatchObject({
      got: 'SCRAM: invalid-proof',
    });
  });

  it('answers no challenge that is not for it, and derives no key too cheaply or for too long', async () => {
    const salt = 's=W22ZaJ0SNY7soEsUEjb6gQ==';
    await expect(vector().next(Buffer.from(`r=other,${salt},i=4096`))).rejects.toThrow('not a Kafka answer');
    // Without a part of the server's, an older exchange could be repeated.
    await expect(vector().next(Buffer.from(`r=rOprNGfwEbeRWgbNEkqO,${salt},i=4096`))).rejects.toThrow(
      'not a Kafka answer',
    );
    for (const rounds of ['1', '4095', '1000001', 'x'])
      await expect(
        vector().next(Buffer.from(`r=rOprNGfwEbeRWgbNEkqO1,${salt},i=${rounds}`)),
      ).rejects.toMatchObject({
        got: `${rounds} iterations of SCRAM, expected from 4096 to 1000000`,
      });
  });

  it('proves any user and password, with commas, equals signs and other alphabets', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const nasty = fc.constantFrom(
      'a,b=c',
      '=2C,=3D',
      'ação ☕ пароль',
      'n=x,r=y',
      ',',
      '=',
      ' ',
      '\u00ad\u2168',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<ScramHash>('sha256', 'sha512'),
        fc.oneof(text, nasty),
        fc.oneof(text, nasty),
        fc.uint8Array({ minLength: 1, maxLength: 24 }),
        async (hash, user, password, salt) => {
          const exchange = scramExchange({ hash, user, password });
          const first = exchange.first().toString();
          expect(first.split(',')).toHaveLength(4);
          expect(first.split(',')[2]?.slice(2).replaceAll('=2C', ',').replaceAll('=3D', '=')).toBe(user);
          const known = server(hash, password, Buffer.from(salt), first, 'S1');
          const final = (await exchange.next(Buffer.from(known.challenge)))?.toString() ?? '';
          const { isKnown, verifier } = known.judge(final);
          expect(isKnown).toBe(true);
          expect(await exchange.next(Buffer.from(`v=${verifier}`))).toBeUndefined();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('PLAIN and OAUTHBEARER', () => {
  it('send user and password as they are', async () => {
    const exchange = plainExchange('ação', 'a,b=c ☕');
    expect(exchange.first().toString()).toBe('\0ação\0a,b=c ☕');
    expect(await exchange.next(Buffer.alloc(0))).toBeUndefined();
  });

  it('refuse what would be read as something else, never with the secret', () => {
    expect(() => plainExchange('web', 'se\0cret')).toThrow(
      'password of a login by PLAIN: expected a text without zero bytes, which part user and password, got one with a zero byte',
    );
    expect(() => bearerExchange('se\ncret')).toThrow(
      'token of a login by OAUTHBEARER: expected letters, digits and -._~+/, then = at most at its end, got another character. The cause is often a line break in it, or the whole answer of a token endpoint in place of access_token.',
    );
  });

  it('lets a server say why it refuses a token', async () => {
    const exchange = bearerExchange('abc.def-_~+/==');
    expect(exchange.first().toString()).toBe('n,,\x01auth=Bearer abc.def-_~+/==\x01\x01');
    expect(await exchange.next(Buffer.alloc(0))).toBeUndefined();
    expect(await exchange.next(Buffer.from('{"status":"invalid_token"}'))).toEqual(Buffer.from('\x01'));
  });
});
