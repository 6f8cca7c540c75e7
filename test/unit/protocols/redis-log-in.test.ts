/** What Redis says to a login, and what each answer means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepSecret } from '../../../src/core/secrets.ts';
import { encodeCommand } from '../../../src/protocols/redis/command.ts';
import { authCommand, nextAfter, refusedLogin, rightsError } from '../../../src/protocols/redis/log-in.ts';
import { RespReader } from '../../../src/protocols/redis/resp-reader.ts';
import { secretsFrom, secretValue } from '../../../src/system/secrets/secret-value.ts';

const login = { user: 'orders', password: { from: 'env', name: 'CACHE_PASSWORD' } } as const;

describe('AUTH', () => {
  it('carries any password as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (more) => {
        // Each is registered as a secret: none may be a word of the messages below.
        const password = `Zk9-${more}`;
        secretsFrom({ CACHE_PASSWORD: password });
        const sent = encodeCommand(authCommand(login));
        const bytes = Buffer.from(password).toString('utf8');
        expect(new RespReader().push(sent)).toEqual([['AUTH', 'orders', bytes]]);
      }),
    );
  });

  it('has a password only where the server knows no users, and needs one', () => {
    secretsFrom({ CACHE_PASSWORD: 'a b' });
    expect(authCommand({ password: login.password })).toEqual(['AUTH', 'a b']);
    secretsFrom({});
    keepSecret('KEPT', 'registered before');
    expect(secretValue({ from: 'env', name: 'KEPT' }, 'login.password')).toBe('registered before');
    expect(() => secretValue({ from: 'env', name: 'NOT_SET' }, 'login.password')).toThrow(
      'login.password: expected a value in the environment variable NOT_SET, got nothing. Set NOT_SET in the environment of this command.',
    );
  });
});

describe('a refusal of Redis', () => {
  it.each([
    'WRONGPASS invalid username-password pair or user is disabled.',
    'ERR invalid password',
    'ERR Client sent AUTH, but no password is set',
    'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
  ])('is of the login: %s', (text) => {
    expect(refusedLogin(login, text)).toMatchObject({
      message: 'Redis refused the login of user orders',
      got: `Redis refused the login of user orders: ${text}`,
      next: 'Check the login of this service in the target file.',
    });
  });

  it('of a server without users says what to leave out', () => {
    expect(refusedLogin(login, "ERR wrong number of arguments for 'auth' command")).toMatchObject({
      got: 'Redis refused the login of user orders: it knows no users (before version 6)',
      next: 'Leave user out of the login.',
    });
  });

  it.each(['ERR max number of clients reached', 'LOADING Redis is loading', 'OOM command not allowed'])(
    'is not of the login: %s',
    (text) => {
      expect(refusedLogin(login, text)).toBeUndefined();
      expect(nextAfter(text)).toBeUndefined();
      const error = new Error(text);
      expect(rightsError(error, ['CONFIG', 'GET', 'maxmemory'])).toBe(error);
    },
  );

  it('names the command that the user may not give, without its arguments', () => {
    const error = new Error("NOPERM User orders has no permissions to run the 'config|set' command");
    expect((rightsError(error, ['CONFIG', 'SET', 'maxmemory', '1']) as Error).message).toBe(
      "redis: expected a login that may CONFIG SET, got NOPERM User orders has no permissions to run the 'config|set' command. Give the user of the login this right (ACL SETUSER), or log in as another user.",
    );
  });
});
