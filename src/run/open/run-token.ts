/**
 * The bearer token of a run: from an environment variable or a file, or of an authorization server and then
 * renewed while the run lasts. The one client of the token endpoint is Gauntlet itself.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { TargetFile } from '../../config/read-target.ts';
import { isLoopback } from '../../core/address.ts';
import { sendBearer } from '../../core/bearer.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, messageOf, type Problem, usageError } from '../../core/errors.ts';
import { type SecretRef, writeRef } from '../../core/receivers.ts';
import { keepSecret } from '../../core/secrets.ts';
import { type ClientCredentials, endpointOf, sayAuth } from '../../core/target-auth.ts';
import { NoAnswer } from '../../system/http/no-answer.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { askForToken, TokenRefusal } from '../../targets/tokens/client-credentials.ts';
import { isHeaderValue } from '../../targets/tokens/header-value.ts';
import { TokenDoor } from '../../targets/tokens/token-door.ts';
import { type TokenListeners, TokenRenewer } from '../../targets/tokens/token-renewer.ts';

export interface RunToken {
  /** What is sent now. Undefined: nothing, or it expired and was not renewed. */
  current(): string | undefined;
  readonly isRenewed: boolean;
  /** For scripts of ours that start now, by environment name; never written to a file. */
  env(): Readonly<Record<string, string>>;
  listen(listeners: TokenListeners): void;
  close(): Promise<void>;
}

export type TargetSecret = Pick<TargetFile, 'name' | 'file' | 'auth'>;
type Env = Readonly<Record<string, string | undefined>>;

/** The fixed token, or the client's secret. @throws usage, never with the value. */
export function authSecret({ name, file, auth }: TargetSecret, env: Env): string | undefined {
  if (auth === undefined) return undefined;
  if (auth.kind === 'client-credentials') {
    requireTls(name, auth);
    keepPems(auth, env);
  }
  const [ref, key] =
    auth.kind === 'fixed'
      ? [auth.from, 'tokenFrom']
      : ([auth.clientSecret, 'clientCredentials.clientSecret'] as const);
  const subject = `target ${name}: auth.${key}`;
  const what = auth.kind === 'fixed' ? 'token' : 'secret';
  // As every path in a target file: relative to it.
  const from = ref.from === 'env' ? ref : { ...ref, name: resolve(dirname(file), ref.name) };
  const value = secretText(from, env, { subject, what });
  keepSecret(ref.from === 'env' ? ref.name : writeRef(ref), value);
  if (auth.kind === 'fixed' && !isHeaderValue(value))
    throw usageError({
      subject,
      expected: `a token in ${ref.name} of ASCII letters, digits and punctuation without blanks, as a header requires`,
      got: sayStrange(value),
      next: 'The cause is often a file with line breaks, or wrapped base64: remove the line breaks.',
    });
  return value;
}

/** @throws usage; unavailable with the words of the token endpoint. */
export async function openToken(target: TargetSecret, env: Env, signal: AbortSignal): Promise<RunToken> {
  const { auth, name } = target;
  const secret = authSecret(target, env);
  if (auth === undefined || secret === undefined) return held(undefined);
  if (auth.kind === 'fixed') return held(secret);
  const renewer = await firstToken(auth, secret, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw refused(name, auth, error);
  });
  const door = await TokenDoor.open(() => renewer.held());
  const current = (): string | undefined => renewer.current();
  const stop = sendBearer(current);
  return {
    current,
    isRenewed: true,
    env: () => ({
      GAUNTLET_TOKEN_URL: door.url,
      GAUNTLET_TOKEN_HELD: JSON.stringify(renewer.held() ?? { askAgainAt: 0, goodUntil: 0 }),
    }),
    listen: (listeners) => renewer.listen(listeners),
    async close() {
      stop();
      renewer.close();
      await door.close();
    },
  };
}

/** One generator sends to both sides of a gate, and it has one token. @throws usage. */
export function requireOneToken(baseline: TargetSecret, candidate: TargetSecret): void {
  const [one, other] = [baseline, candidate].map(({ auth }) => JSON.stringify(auth ?? null));
  if (one === other) return;
  throw usageError({
    subject: 'auth',
    expected: `the same in ${baseline.name} and ${candidate.name}, since one load with one token goes to both`,
    got: 'two',
    next: 'Write the same auth block into both target files.',
  });
}

/** Asks for one, and says what was got. @throws as openToken. */
export async function tryToken(target: TargetSecret, env: Env): Promise<string> {
  const token = await openToken(target, env, AbortSignal.timeout(TRY_MS));
  await token.close();
  return target.auth === undefined ? 'none is sent' : sayAuth(target.auth);
}

export const TRY_MS = 30_000;

function held(token: string | undefined): RunToken {
  const current = (): string | undefined => token;
  const stop = sendBearer(current);
  return {
    current,
    isRenewed: false,
    env: () => (token === undefined ? {} : { GAUNTLET_TOKEN: token }),
    listen: () => undefined,
    close: async () => stop(),
  };
}

const firstToken = (auth: ClientCredentials, secret: string, signal: AbortSignal): Promise<TokenRenewer> =>
  TokenRenewer.open({ clock: monotonicClock, ask: (ended) => askForToken(auth, secret, ended) }, signal);

function refused(target: string, auth: ClientCredentials, error: unknown): GauntletError {
  const isKnown = error instanceof TokenRefusal || error instanceof NoAnswer;
  const next = isKnown ? error.next : undefined;
  const problem: Problem = {
    subject: `target ${target}: token endpoint ${endpointOf(auth)}`,
    expected: `a token for the client ${auth.clientId}`,
    got: messageOf(error),
    ...(next !== undefined && { next }),
  };
  return new GauntletError('unavailable', [problem], { cause: error });
}

/** tlsOptions takes what a variable holds by its name. */
function keepPems({ tls }: ClientCredentials, env: Env): void {
  for (const ref of [tls?.ca, tls?.cert, tls?.key])
    if (ref?.from === 'env') keepSecret(ref.name, env[ref.name] ?? '');
}

function requireTls(target: string, auth: ClientCredentials): void {
  const { protocol, hostname } = new URL(auth.tokenUrl);
  if (protocol === 'https:' || auth.insecure || isLoopback(hostname)) return;
  throw usageError({
    subject: `target ${target}: auth.clientCredentials.tokenUrl`,
    expected: 'https, since the client sends its secret',
    got: `plain http to ${hostname}`,
    next: 'Use https, or write insecure: true next to it, such as inside a cluster.',
  });
}

/** Without the line break that editors leave at the end of a file. */
function secretText(
  ref: SecretRef,
  env: Env,
  { subject, what }: { readonly subject: string; readonly what: string },
): string {
  const value = ref.from === 'env' ? env[ref.name] : fileText(ref.name, subject);
  if (value !== undefined && value !== '') return value;
  if (ref.from === 'file')
    throw usageError({ subject, expected: `a ${what} in the file ${ref.name}`, got: 'nothing' });
  const hint = didYouMean(ref.name, Object.keys(env)).next;
  throw usageError({
    subject,
    expected: `a ${what} in the environment variable ${ref.name}`,
    got: 'nothing',
    next: `${hint === undefined ? '' : `${hint} `}Set it, for example: ${ref.name}=... gauntlet run ...`,
  });
}

function fileText(file: string, subject: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw usageError({ subject, expected: `a readable file ${file}`, got: messageOf(error) });
  }
}

/** Position and kind of the problem, never the token. */
function sayStrange(token: string): string {
  const at = [...token].findIndex((sign) => !isHeaderValue(sign));
  const sign = [...token][at] ?? '';
  const kinds = [
    [/[\r\n]/, 'a line break'],
    [/\s/, 'a blank'],
    [/\p{Cc}/u, 'a control character'],
  ] as const;
  const kind = kinds.find(([pattern]) => pattern.test(sign))?.[1] ?? 'a character that is not ASCII';
  return `one with ${kind} at position ${at + 1} of ${[...token].length}`;
}
