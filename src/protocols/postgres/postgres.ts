/**
 * PostgreSQL: with a login one row of a statement, `select 1` where none is written; without a login the
 * answer to SSLRequest, which a server gives before it asks who is there.
 */
import type { Socket } from 'node:net';
import { addressOf } from '../../core/address.ts';
import { usageError } from '../../core/errors.ts';
import type { Login } from '../../core/login.ts';
import { dial } from '../../system/dial.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { secretValue } from '../../system/secrets/secret-value.ts';
import { askForm } from '../line/form.ts';
import { type Dialler, ServerWord } from '../line/line.ts';
import type { ProtocolFile } from '../line/protocol.ts';
import { type SqlAt, sqlDialler } from './sql-line.ts';

const PORT = 5432;
const USUAL = 'select 1';
/** Length 8, then the code 1234.5679 in the place of a protocol version. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const ERROR = 'E';

const form = askForm({
  keys: ['sql'],
  shape: ({ text }) => ({ sql: text('a statement that returns one row, such as select 1') }),
  read: ({ sql }) => ({ kind: 'sql', statement: sql }),
});

export const postgres: ProtocolFile = {
  name: 'postgres',
  defaultPort: PORT,
  forms: [form],
  builtIn: ['contract'],
  isStore: true,
  login: ({ block, user, database, password }) =>
    block({ user, database: database.optional(), password: password.optional() }),
  say: ({ question, at }) =>
    question?.kind === 'sql'
      ? { asks: question.statement, expects: 'one row' }
      : at.access?.login === undefined
        ? { asks: 'SSLRequest', expects: 'S or N' }
        : { asks: USUAL, expects: 'one row' },
  dialler: ({ service, ask, at, question }) => {
    const address = addressOf(at.address, PORT);
    const { tls, login } = at.access ?? {};
    if (login !== undefined) {
      const statement = question?.kind === 'sql' ? question.statement : USUAL;
      return sqlDialler({ ...address, ...loginOf(login), ...(tls && { tls }) }, statement);
    }
    if (question?.kind !== 'sql') return greetingDialler(address);
    const expected = `a login for sql: services.${service}.login in the target file`;
    throw usageError({ subject: `${service}:${ask}`, expected, got: 'none' });
  },
};

const loginOf = ({ user = '', database, password }: Login): Omit<SqlAt, 'host' | 'port' | 'tls'> => ({
  user,
  database: database ?? user,
  ...(password !== undefined && { password: secretValue(password, 'login.password') }),
});

/**
 * The question is the first one of a connection, and a server closes a connection on which no login follows:
 * each question has a connection of its own, on the held line too.
 */
const greetingDialler = ({ host, port }: { readonly host: string; readonly port: number }): Dialler => ({
  async dial(deadlineMs) {
    const under = new Set<Socket>();
    let closed = false;
    const ask = async (): Promise<void> => {
      const socket = await dial(host, port, deadlineMs);
      under.add(socket);
      if (closed) socket.destroy();
      try {
        await new Promise<void>((resolve, reject) => {
          socket.once('data', (bytes: Buffer) => {
            const answer = bytes.toString('latin1', 0, 1);
            if (answer === 'S' || answer === 'N') resolve();
            // Too many connections, or starting up: the server's own words follow.
            else if (answer === ERROR) reject(new ServerWord(wordsIn(bytes)));
            else reject(notAnAnswer('PostgreSQL', bytes));
          });
          socket.once('error', reject);
          socket.once('close', () => reject(new Error('connection closed')));
          socket.write(SSL_REQUEST);
        });
      } finally {
        socket.destroy();
        under.delete(socket);
      }
    };
    const close = (): void => {
      closed = true;
      for (const socket of under) socket.destroy();
    };
    return { closed: false, ask, close };
  },
});

/** The message of an ErrorResponse, or of its form before protocol 3. */
const wordsIn = (bytes: Buffer): string => {
  const text = bytes.toString('utf8', 1);
  return (/\0M([^\0]+)\0/.exec(text)?.[1] ?? text.replaceAll(/[^\x20-\x7e]/g, '').trim()).slice(0, 60);
};
