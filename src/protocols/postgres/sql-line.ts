/** A session of PostgreSQL as a line: one statement, which must return one row. */
import { Socket } from 'node:net';
import { Client, DatabaseError } from 'pg';
import type { TlsAccess } from '../../core/access.ts';
import { refusedLoginWord } from '../../core/login.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { tlsOptions } from '../../system/tls/tls-options.ts';
import { tlsWords } from '../../system/tls/tls-words.ts';
import { type Dialler, type Line, ServerWord } from '../line/line.ts';

export interface SqlAt {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  readonly tls?: TlsAccess;
}

const LONGEST_WORD = 60;
/** SQLSTATE class 28, invalid authorization: a wrong password, an unknown user, no line in pg_hba.conf. */
const NO_AUTHORIZATION = /^28/;

export const sqlDialler = ({ tls, ...at }: SqlAt, statement: string): Dialler => ({
  async dial(deadlineMs) {
    // A socket of ours: the client's own way to end waits for the server, which a black hole never lets happen.
    const socket = new Socket();
    const client = new Client({
      ...at,
      ...{ application_name: 'gauntlet', connectionTimeoutMillis: deadlineMs, keepAlive: true },
      stream: () => socket,
      ...(tls && { ssl: tlsOptions(tls, at.host) }),
    });
    const line = new SqlLine(client, socket, statement);
    try {
      await client.connect();
    } catch (error) {
      line.close();
      throw refusedLogin(error, at.user) ?? saidBy(error, deadlineMs);
    }
    return line;
  },
});

class SqlLine implements Line {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #statement: string;
  #closed = false;

  constructor(client: Client, socket: Socket, statement: string) {
    this.#client = client;
    this.#socket = socket;
    this.#statement = statement;
    // The server ended the session, with a reason or without.
    client.on('error', () => this.close());
    client.on('end', () => this.close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  async ask(): Promise<void> {
    let rows: number;
    try {
      const answer = await this.#client.query({ text: this.#statement, rowMode: 'array' });
      // Several statements have one answer each.
      rows = (Array.isArray(answer) ? answer.at(-1) : answer).rows.length;
    } catch (error) {
      throw saidBy(error, 0);
    }
    if (rows !== 1) throw new ServerWord(`${rows} rows`);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}

function refusedLogin(error: unknown, user: string): ServerWord | undefined {
  if (!(error instanceof DatabaseError) || !NO_AUTHORIZATION.test(error.code ?? '')) return undefined;
  const word = refusedLoginWord('PostgreSQL', `user ${user}`);
  return new ServerWord(
    word,
    `${word}: ${error.message}`,
    'Check the login of this service in the target file.',
  );
}

function saidBy(error: unknown, deadlineMs: number): unknown {
  if (error instanceof DatabaseError) return new ServerWord(error.message.slice(0, LONGEST_WORD));
  const text = error instanceof Error ? error.message : '';
  if (/does not support SSL/.test(text))
    return new ServerWord(
      'no TLS',
      'it does not speak TLS at this port',
      'Remove tls, or set ssl = on in the server.',
    );
  const failed = tlsWords(error);
  if (failed !== undefined) return new Error(failed.text, { cause: error });
  if (/timeout expired/.test(text)) return new Error(`no connection in ${deadlineMs} ms`);
  if (/terminated/.test(text)) return new Error('connection closed');
  if (/Unknown auth|unknown message code|invalid response/i.test(text)) return notAnAnswer('PostgreSQL');
  return error;
}
