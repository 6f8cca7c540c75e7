/** AUTH, and what a refusal of Redis means: a wrong login and missing rights are ours, not the system's. */
import { GauntletError } from '../../core/errors.ts';
import { type Login, refusedLoginWord } from '../../core/login.ts';
import { secretValue } from '../../system/secrets/secret-value.ts';
import { ServerWord } from '../line/line.ts';

/** @throws usage when the password is not set. */
export function authCommand({ user, password }: Login): readonly string[] {
  return ['AUTH', ...(user === undefined ? [] : [user]), secretValue(password, 'login.password')];
}

const CHECK = 'Check the login of this service in the target file.';
/** Redis before version 6 has the first two words in place of the third. */
const REFUSED = /^(ERR invalid password|ERR (Client sent )?AUTH|WRONGPASS)\b/;
const NO_USERS = /^ERR wrong number of arguments for 'auth'/i;

/**
 * Why AUTH was refused; the answer of a server that is full or loading is not about the login: undefined.
 * @param text of the server's error.
 */
export function refusedLogin({ user }: Login, text: string): ServerWord | undefined {
  const word = refusedLoginWord('Redis', user === undefined ? undefined : `user ${user}`);
  if (NO_USERS.test(text))
    return new ServerWord(
      word,
      `${word}: it knows no users (before version 6)`,
      'Leave user out of the login.',
    );
  return REFUSED.test(text) ? new ServerWord(word, `${word}: ${text}`, CHECK) : undefined;
}

/** What to do about a refusal of a command. Undefined: it is none. */
export function nextAfter(text: string): string | undefined {
  if (text.startsWith('NOAUTH'))
    return 'Redis requires a login: write login: { user: …, password: env:… } of this service in the target file.';
  if (text.startsWith('NOPERM'))
    return 'Give the user of the login this right (ACL SETUSER), or log in as another user.';
  return REFUSED.test(text) ? CHECK : undefined;
}

/** A refusal of a command of ours with what it was and the fix; any other error unchanged. */
export function rightsError(error: unknown, [command = '', sub = '']: readonly string[]): unknown {
  const text = error instanceof Error ? error.message : '';
  const next = nextAfter(text);
  if (next === undefined) return error;
  const expected = `a login that may ${[command, ...(HAS_SUB.has(command) ? [sub] : [])].join(' ')}`;
  return new GauntletError('refused', [{ subject: 'redis', expected, got: text, next }], { cause: error });
}

const HAS_SUB: ReadonlySet<string> = new Set(['CLIENT', 'CONFIG']);
