/**
 * Which protocol listens at an address: each is greeted in its own words on a connection of its own, the
 * harmless ones first. Nothing is changed there.
 */
import type { Socket } from 'node:net';
import type { TlsAccess } from '../core/access.ts';
import { messageOf } from '../core/errors.ts';
import type { Protocol } from '../core/system.ts';
import { dial } from '../system/dial.ts';
import { speaksTls } from '../system/tls/speaks-tls.ts';

const DEADLINE_MS = 1000;
/** No greeting has a longer answer that matters. */
const MOST_BYTES = 64;

interface At {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsAccess | undefined;
}

interface Greeting {
  readonly bytes: Buffer;
  isAnswer(answer: Buffer): boolean;
}

const text = (pattern: RegExp) => (answer: Buffer) => pattern.test(answer.toString('latin1'));
/** SSLRequest: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
/** ApiVersions, version 0, correlation id 7, no client id. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const SETTINGS_FRAME = 4;

/** In the order in which they are tried: a line of HTTP would count as an attack on Redis. */
const GREETINGS: Readonly<Record<string, Greeting>> = {
  redis: { bytes: Buffer.from('PING\r\n'), isAnswer: text(/^(\+PONG|-(NOAUTH|DENIED|LOADING|MISCONF))/) },
  http: {
    bytes: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    isAnswer: text(/^HTTP\/1\.[01] \d{3}/),
  },
  postgres: { bytes: SSL_REQUEST, isAnswer: text(/^[SN]$/) },
  kafka: { bytes: API_VERSIONS, isAnswer: (answer) => answer.length >= 8 && answer.readInt32BE(4) === 7 },
  grpc: {
    bytes: Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), EMPTY_SETTINGS]),
    isAnswer: (answer) => answer.length >= 9 && answer[3] === SETTINGS_FRAME,
  },
};

export type Recognised =
  | { readonly speaks: Protocol }
  /** Null: nothing listens. */
  | { readonly speaks: null; readonly why: string };

/**
 * @param only the protocols to try; one without a greeting, such as tcp, is what accepts a connection and
 * answers none of the others. @param tls absent: plain.
 */
export async function recognise(
  { host, port }: { readonly host: string; readonly port: number },
  only: readonly Protocol[] = [...Object.keys(GREETINGS), 'tcp'],
  tls?: TlsAccess,
): Promise<Recognised> {
  for (const [protocol, greeting] of Object.entries(GREETINGS)) {
    if (!only.includes(protocol)) continue;
    const answer = await greet({ host, port, tls }, greeting).catch((error: unknown) => messageOf(error));
    if (typeof answer === 'string') return { speaks: null, why: answer };
    if (greeting.isAnswer(answer)) return { speaks: protocol };
  }
  if (tls === undefined && (await speaksTls(host, port, DEADLINE_MS)))
    return { speaks: null, why: 'it speaks TLS: begin its address with https:// or rediss://' };
  const plain = only.find((one) => !Object.hasOwn(GREETINGS, one));
  if (plain === undefined) return { speaks: null, why: `a server that does not speak ${only.join(', ')}` };
  const socket = await dial(host, port, DEADLINE_MS, tls).catch((error: unknown) => messageOf(error));
  if (typeof socket === 'string') return { speaks: null, why: socket };
  socket.destroy();
  return { speaks: plain };
}

/** What comes back until it is an answer, the server closes, or the deadline. Rejects without a connection. */
async function greet({ host, port, tls }: At, { bytes, isAnswer }: Greeting): Promise<Buffer> {
  const socket = await dial(host, port, DEADLINE_MS, tls);
  socket.write(bytes);
  return await heard(socket, isAnswer);
}

function heard(socket: Socket, isAnswer: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, DEADLINE_MS);
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]).subarray(0, MOST_BYTES);
      if (answer.length === MOST_BYTES || isAnswer(answer)) done();
    });
    socket.on('error', done);
    socket.on('close', done);
  });
}
