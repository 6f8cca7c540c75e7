/**
 * JSON over HTTP on a unix socket: how our own processes communicate. It uses no port, and file permissions
 * guard access. A pod cannot be reached by a file: there it uses a port, and a path that is known only to
 * those with permission to read the pod.
 */
import { rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { GauntletError, messageOf, show } from '../core/errors.ts';
import { readBody } from './bounded-body.ts';
import { ANSWER_BYTES, ForeignBytes } from './foreign-bytes.ts';

/** Far above the state of a sandbox with all its links. */
const MOST_STATE_BYTES = 16 * ANSWER_BYTES;
/** Our own callers use one at a time. */
const MOST_CONNECTIONS = 200;

/** Answers one call; an exception becomes a 500 with its message. Undefined means: no such path (404). */
export type ControlHandler = (call: { method: string; path: string; body: unknown }) => Promise<unknown>;

export type ControlAddress = string | { readonly port: number; readonly below: string };

/** @param at the path of a unix socket, or a port; 0 = any. */
export async function serveControl(at: ControlAddress, handle: ControlHandler): Promise<Server> {
  const below = typeof at === 'string' ? '' : `/${at.below}`;
  if (typeof at === 'string') rmSync(at, { force: true });
  const server = createServer((incoming, outgoing) => {
    const send = (status: number, answer: unknown): void => {
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify(answer));
    };
    const refuse = (status: number, error: string): void => {
      // Reads nothing more: the connection ends with this answer.
      outgoing.setHeader('connection', 'close');
      send(status, { error });
      outgoing.once('finish', () => incoming.destroy());
    };
    // Checked before the body: a caller must know the path.
    const path = decodedPath(incoming.url ?? '/');
    if (path === undefined || !path.startsWith(`${below}/`)) return refuse(404, 'no such path');
    readBody(incoming, ANSWER_BYTES)
      .then((text) => {
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        return handle({ method: incoming.method ?? 'GET', path: path.slice(below.length), body });
      })
      .then(
        (answer) => send(answer === undefined ? 404 : 200, answer ?? { error: 'no such path' }),
        (error: unknown) =>
          error instanceof ForeignBytes
            ? refuse(413, `a body of ${messageOf(error)}`)
            : send(500, { error: messageOf(error) }),
      );
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(typeof at === 'string' ? { path: at } : { port: at.port }, resolve);
  });
  return server;
}

/**
 * Calls a control socket. Rejects after `timeoutMs`, when nothing listens, and when the answer is an error.
 */
export function callControl<Answer>(
  socketPath: string,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  options: { readonly body?: unknown; readonly timeoutMs?: number } = {},
): Promise<Answer> {
  const body = options.body === undefined ? '' : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath,
      method,
      path: encodeURI(path),
      timeout: options.timeoutMs ?? 5000,
      agent: false,
      // Node sends a DELETE's body without a length unless one is set, and the server then refuses it.
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${options.timeoutMs ?? 5000} ms`)));
    outgoing.on('error', (error) => reject(failure(socketPath, `${method} ${path}`, error.message, error)));
    let isAnswered = false;
    outgoing.on('close', () => {
      // Node reports no error when an answer switches to another protocol (101).
      if (!isAnswered) reject(failure(socketPath, `${method} ${path}`, 'the connection was closed'));
    });
    outgoing.on('response', (incoming) => {
      isAnswered = true;
      readBody(incoming, MOST_STATE_BYTES).then(
        (said) => {
          try {
            const answer: unknown = JSON.parse(said);
            if (incoming.statusCode === 200) resolve(answer as Answer);
            else
              reject(
                failure(
                  socketPath,
                  `${method} ${path}`,
                  String((answer as { error?: unknown } | null)?.error),
                ),
              );
          } catch (error) {
            reject(failure(socketPath, `${method} ${path}`, `${incoming.statusCode} ${show(said)}`, error));
          }
        },
        (error: unknown) => reject(failure(socketPath, `${method} ${path}`, messageOf(error), error)),
      );
    });
    outgoing.end(body);
  });
}

function decodedPath(url: string): string | undefined {
  try {
    return decodeURI(url);
  } catch {
    return undefined;
  }
}

function failure(socketPath: string, call: string, got: string, cause?: unknown): GauntletError {
  return new GauntletError(
    'unavailable',
    [{ subject: `${socketPath} ${call}`, expected: 'an answer', got }],
    {
      cause,
    },
  );
}
