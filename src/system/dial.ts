/**
 * One TCP connection with a deadline of ours, with TLS where the access says so: the first step of every
 * probe and of our own checks of Kafka and Redis.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsAccess } from '../core/access.ts';
import { tlsOptions } from './tls/tls-options.ts';
import { tlsWords } from './tls/tls-words.ts';

/**
 * Rejects with `no connection in N ms`, the socket's own error, or why TLS failed, and then leaves nothing
 * open.
 * @param tls absent: plain. @param onBytes see opening.
 */
export async function dial(
  host: string,
  port: number,
  deadlineMs: number,
  tls?: TlsAccess,
  onBytes?: OnBytes,
): Promise<Socket> {
  const socket = opening(host, port, tls, onBytes);
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection in ${deadlineMs} ms`));
    }, deadlineMs);
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', onError);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}

/**
 * A socket that is connecting: what is written is sent once it is open.
 * @param onBytes is called instead of `data`, except over TLS: each time with the same memory.
 * @throws usage for a file of the access that cannot be read.
 */
export function opening(host: string, port: number, tls?: TlsAccess, onBytes?: OnBytes): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true, ...(onBytes && intoOne(onBytes)) });
  const socket = connectTls({ host, port, ...tlsOptions(tls, host) });
  socket.setNoDelay(true);
  // A server refuses our certificate only after the handshake: every reader of the socket then has the words.
  socket.on('error', (error: Error) => {
    error.message = tlsWords(error)?.text ?? error.message;
  });
  return socket;
}

/** The bytes are overwritten by the next ones. */
export type OnBytes = (bytes: Buffer) => void;

const PIECE_BYTES = 256 * 1024;

/** Megabytes pass: memory of its own for each piece would cost more than reading it. */
function intoOne(onBytes: OnBytes): Pick<NetConnectOpts, 'onread'> {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  const callback = (size: number): boolean => {
    onBytes(buffer.subarray(0, size));
    return true;
  };
  return { onread: { buffer, callback } };
}
