/**
 * As much of a WebSocket client (RFC 6455) as an exec needs: the opening by an API server's own credentials, and frames. No
 * extensions are offered, so none has to be understood.
 */
import { randomBytes } from 'node:crypto';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { messageOf } from '../core/errors.ts';
import type { Ms } from '../core/units.ts';
import { ApiError, ApiUnreachable } from './api-error.ts';
import { credentials, proxyAgent } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';

export interface Opening {
  readonly path: string;
  readonly query: URLSearchParams;
  /** For people: `exec in pod web-1`. */
  readonly what: string;
  readonly protocol: string;
  readonly deadlineMs: Ms;
}

/** @throws ApiError when the server refuses, ApiUnreachable when it does not answer within the deadline. */
export async function openWebSocket(
  access: ClusterAccess,
  { path, query, what, protocol, deadlineMs }: Opening,
): Promise<Duplex> {
  let options: RequestOptions;
  try {
    options = await credentials(access);
    options.agent = (await proxyAgent(access)) ?? false;
  } catch (error) {
    throw new ApiUnreachable(access.server, what, `no credentials: ${messageOf(error)}`, false, error);
  }
  options.headers = {
    ...(options.headers as object),
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': protocol,
    'user-agent': 'gauntlet',
  };
  return await new Promise((resolve, reject) => {
    const sent = httpsRequest(`${access.server}${path}?${query}`, options);
    const timer = setTimeout(() => sent.destroy(new Error(`none within ${deadlineMs / 1000} s`)), deadlineMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    sent.on('upgrade', (answer, socket, head) => {
      clearTimeout(timer);
      if (answer.headers['sec-websocket-protocol'] !== protocol) {
        socket.destroy();
        const got = `protocol ${answer.headers['sec-websocket-protocol'] ?? 'none'} instead of ${protocol}`;
        return reject(new ApiUnreachable(access.server, what, got, false));
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    sent.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        fail(new ApiError(access.server, what, answer.statusCode ?? 0, statusIn(text)));
      });
    });
    sent.on('error', (error) => fail(new ApiUnreachable(access.server, what, messageOf(error), true, error)));
    sent.end();
  });
}

function statusIn(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return { message: text.slice(0, 300) };
  }
}

export interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Cuts a stream into the frames of a server, which are not masked. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole by now. */
  push(chunk: Buffer): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== null; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | null {
    const bytes = this.#rest;
    if (bytes.length < 2) return null;
    const short = bytes.readUInt8(1) & 0x7f;
    const at = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < at) return null;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < at + length) return null;
    this.#rest = bytes.subarray(at + length);
    const first = bytes.readUInt8(0);
    return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, payload: bytes.subarray(at, at + length) };
  }
}

/** A frame of a client: always masked. @param payload at most 125 bytes, as all control frames are. */
export function controlFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const body = Buffer.from(payload.subarray(0, 125));
  for (let index = 0; index < body.length; index += 1) {
    body.writeUInt8(body.readUInt8(index) ^ mask.readUInt8(index % 4), index);
  }
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | body.length]), mask, body]);
}
