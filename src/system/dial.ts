/**
 * One TCP connection with a deadline of ours: the first step of every probe and of our own checks of Kafka
 * and Redis.
 */
import { connect, type Socket } from 'node:net';

/** Rejects with `no connection in N ms` or the socket's own error, and then leaves nothing open. */
export function dial(host: string, port: number, deadlineMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no connection in ${deadlineMs} ms`));
    }, deadlineMs);
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
