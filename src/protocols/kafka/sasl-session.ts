/**
 * A login on one connection, before its first request and again before its session is over (KIP-368): a broker
 * closes a connection whose session has expired, which a probe would take for a failure.
 */
import { type Login, type Mechanism, refusedLoginWord } from '../../core/login.ts';
import { secretValue } from '../../system/secrets/secret-value.ts';
import { ServerWord } from '../line/line.ts';
import type { Request } from './requests.ts';
import { bearerExchange } from './sasl/bearer.ts';
import type { SaslExchange } from './sasl/exchange.ts';
import { plainExchange } from './sasl/plain.ts';
import { scramExchange } from './sasl/scram.ts';
import {
  readSaslAuthenticate,
  readSaslHandshake,
  saslAuthenticateRequest,
  saslHandshakeRequest,
} from './sasl-requests.ts';
import type { WireReader } from './wire.ts';

/** The strongest one that never sends the password. */
export const USUAL_MECHANISM: Mechanism = 'SCRAM-SHA-512';
const UNSUPPORTED_MECHANISM = 33;
const ILLEGAL_STATE = 34;
/** The rest is for the requests that are under way. */
const PART_OF_A_SESSION = 0.8;

type Send = (request: Request) => Promise<WireReader>;

export class SaslSession {
  readonly #login: Login;
  readonly #send: Send;
  #done: Promise<void> | undefined;
  /** On the clock of `performance.now`. */
  #until = Number.POSITIVE_INFINITY;

  constructor(login: Login, send: Send) {
    this.#login = login;
    this.#send = send;
  }

  /** Resolves when requests may be sent. Rejects with ServerWord for a login that was refused. */
  async ready(): Promise<void> {
    if (this.#done === undefined || performance.now() >= this.#until) {
      this.#until = Number.POSITIVE_INFINITY;
      this.#done = this.#begin();
    }
    await this.#done;
  }

  async #begin(): Promise<void> {
    const lifetimeMs = await logIn(this.#login, this.#send);
    if (lifetimeMs > 0) this.#until = performance.now() + lifetimeMs * PART_OF_A_SESSION;
  }
}

/** `user X (PLAIN)`. */
const whoseOf = ({ user, mechanism = USUAL_MECHANISM }: Login): string =>
  user === undefined ? `a token (${mechanism})` : `user ${user} (${mechanism})`;

/** @returns the lifetime of the session in ms, 0: that of the connection. */
async function logIn(login: Login, send: Send): Promise<number> {
  const { mechanism = USUAL_MECHANISM } = login;
  const exchange = exchangeOf(login);
  const { error, mechanisms } = readSaslHandshake(await send(saslHandshakeRequest(mechanism)));
  if (error !== 0) throw noMechanism(error, mechanism, mechanisms);
  let message: Buffer | undefined = exchange.first();
  let lifetimeMs = 0;
  while (message !== undefined) {
    const answer = readSaslAuthenticate(await send(saslAuthenticateRequest(message)));
    if (answer.error !== 0) throw refused(login, answer.why ?? `error ${answer.error}`);
    lifetimeMs = answer.lifetimeMs;
    message = await exchange.next(answer.challenge);
  }
  return lifetimeMs;
}

function exchangeOf(login: Login): SaslExchange {
  const { user = '', mechanism = USUAL_MECHANISM } = login;
  if (mechanism === 'OAUTHBEARER') return bearerExchange(secretValue(login.token, 'login.token'));
  const password = secretValue(login.password, 'login.password');
  if (mechanism === 'PLAIN') return plainExchange(user, password);
  return scramExchange({ hash: mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', user, password });
}

function noMechanism(error: number, mechanism: string, offered: readonly string[]): ServerWord {
  if (error === UNSUPPORTED_MECHANISM) {
    const got = `Kafka offers ${offered.join(', ') || 'no mechanism'} on this listener, and not ${mechanism}`;
    return new ServerWord('no such mechanism', got, 'Write one of them as login.mechanism.');
  }
  if (error === ILLEGAL_STATE) {
    const got = 'Kafka takes no login on this listener: it is none of SASL';
    return new ServerWord('no SASL', got, 'Remove the login, or use the address of a SASL listener.');
  }
  return new ServerWord('no login', `Kafka answered error ${error} to SaslHandshake`);
}

function refused(login: Login, why: string): ServerWord {
  const word = refusedLoginWord('Kafka', whoseOf(login));
  return new ServerWord(word, `${word}: ${why}`, 'Check the login of this service in the target file.');
}
