/** The question for each dependency: cheap, harmless, and answered only by a working server. */
import { randomUUID } from 'node:crypto';
import { addressOf, formatAddress } from '../../core/address.ts';
import type { HttpAsk } from '../../core/system.ts';
import { fillTemplate, fillTexts } from '../../core/template.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { httpAnswer } from './http-answer.ts';
import { ServerWord } from './line.ts';
import type { AnswerReader, SocketProtocol } from './socket-line.ts';

/**
 * Size of the Redis probe's payload, each way: small for a network, large enough to show a narrow bandwidth.
 */
export const REDIS_PAYLOAD_BYTES = 1024;
const LONGEST_ERROR = 1024;
const MINUS = 0x2d;

/** ECHO of 1 KiB: uses no key, and its time shows latency and bandwidth. The answer is the same bytes. */
export function redisProtocol(host: string, port: number): SocketProtocol {
  const payload = 'g'.repeat(REDIS_PAYLOAD_BYTES);
  const echo = Buffer.from(`$${REDIS_PAYLOAD_BYTES}\r\n${payload}\r\n`);
  const request = Buffer.concat([Buffer.from('*2\r\n$4\r\nECHO\r\n'), echo]);
  const read: AnswerReader = (bytes) => {
    if (bytes[0] === MINUS) return redisError(bytes);
    const begun = Math.min(bytes.length, echo.length);
    if (!bytes.subarray(0, begun).equals(echo.subarray(0, begun))) throw notAnAnswer('Redis', bytes);
    return begun === echo.length ? begun : undefined;
  };
  return { host, port, request: () => request, reader: () => read };
}

/**
 * SETRANGE of an empty value on a missing key: Redis counts it as a write (it waits in a pause of writes, and
 * is refused out of memory or by a replica), and it creates no key. The answer is the length of the stored
 * value: 0.
 */
export function redisWriteProtocol(host: string, port: number): SocketProtocol {
  const key = 'gauntlet:write-probe';
  const request = Buffer.from(`*4\r\n$8\r\nSETRANGE\r\n$${key.length}\r\n${key}\r\n$1\r\n0\r\n$0\r\n\r\n`);
  const read: AnswerReader = (bytes) => {
    if (bytes[0] === MINUS) return redisError(bytes);
    const text = bytes.toString('latin1', 0, 24);
    const answer = /^:\d{1,18}\r\n/.exec(text)?.[0];
    if (answer !== undefined) return answer.length;
    if (!/^:\d{0,18}\r?$/.test(text)) throw notAnAnswer('Redis', bytes);
    return undefined;
  };
  return { host, port, request: () => request, reader: () => read };
}

/** @throws ServerWord with the server's own text, as soon as its line is complete. */
function redisError(bytes: Buffer): undefined {
  const end = bytes.indexOf('\r\n');
  if (end >= 0 && end <= LONGEST_ERROR) throw new ServerWord(bytes.toString('latin1', 1, Math.min(end, 61)));
  if (bytes.length > LONGEST_ERROR) throw notAnAnswer('Redis', bytes);
  return undefined;
}

/** Without a question of its own: any answer below 500 to `GET /`. */
const USUAL: HttpAsk = {
  ...{ kind: 'http', method: 'get', path: '/', headers: {}, body: null },
  ...{ statuses: [[100, 499]], fields: {} },
};

/** The question of a system file; a status that is not good is the outcome. A body is sent as JSON. */
export function httpProtocol(url: string, ask: HttpAsk = USUAL): SocketProtocol {
  const address = addressOf(url, 80);
  const host = formatAddress(address);
  const request = (): Buffer => {
    const id = randomUUID();
    const words = (name: string): string | undefined =>
      name === 'id' ? id : name === 'now' ? new Date().toISOString() : undefined;
    const body = ask.body?.kind === 'json' ? JSON.stringify(fillTexts(ask.body.json, words)) : null;
    const headers = [
      `Host: ${host}`,
      'Connection: keep-alive',
      ...Object.entries(ask.headers).map(([name, value]) => `${name}: ${fillTemplate(value, words)}`),
      ...(body === null
        ? []
        : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    const line = `${ask.method.toUpperCase()} ${fillTemplate(ask.path, words)} HTTP/1.1`;
    return Buffer.from(`${[line, ...headers].join('\r\n')}\r\n\r\n${body ?? ''}`);
  };
  return { ...address, request, reader: () => httpAnswer(ask) };
}
