/**
 * One TCP connection with a deadline of ours, with TLS where the access says so: the first step of every
 * probe and of our own checks of Kafka and Redis.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsAccess } from '../core/access.ts';
import { tlsOptions } from './tls/tls-options.ts';
import { tlsWords } from './tls/tls-words.ts';

/**
 * Rejects with `no connection in N ms`, the socket's own error, or why TLS failed, and then leaves nothing
 * open.
 * @param tls absent: plain.
 */
export async function dial(host: string, port: number, deadlineMs: number, tls?: TlsAccess): Promise<Socket> {
  const socket = opening(host, port, tls);
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
 * @throws usage for a file of the access that cannot be read.
 */
export function opening(host: string, port: number, tls?: TlsAccess): Socket {
  if (tls === undefined) return connect({ host, port, noDelay: true });
  const socket = connectTls({ host, port, ...tlsOptions(tls, host) });
  socket.setNoDelay(true);
  // A server refuses our certificate only after the handshake: every reader of the socket then has the words.
  socket.on('error', (error: Error) => {
    error.message = tlsWords(error)?.text ?? error.message;
  });
  return socket;
}
