/**
 * The end of a connection that is rejected: the answer, then FIN, as from a server at its limit. Clients often
 * send before they read (AUTH, HELLO). Closing a socket with unread bytes sends an RST, which can discard the
 * answer at the client, so those bytes are read and dropped until the client closes too.
 */
import type { Socket } from 'node:net';

/** For a client that reads the answer late or never closes; after it the socket is closed in any case. */
const DRAIN_MS = 2000;

/** @param client accepted, with a listener for errors. @param answer empty: none. */
export function reject(client: Socket, answer: string): void {
  const over = setTimeout(() => client.destroy(), DRAIN_MS);
  client.once('close', () => clearTimeout(over));
  client.resume();
  client.end(answer);
}
