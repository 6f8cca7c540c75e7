/**
 * A gRPC hop between a link and its servers, in place while a fault delays calls of that link or answers them
 * with an error. Calls that match no rule are forwarded with headers, messages and trailers. Each connection
 * of a client stays with one server, on one connection, as without the hop.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { formatAddress } from '../../../src/core/address.ts';
import type { Upstream } from './connection.ts';
import type { Interposer, RequestJudge } from './interposer.ts';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;
export const GRPC_MESSAGE = 'fault injected by gauntlet';

export class GrpcInterposer implements Interposer {
  readonly upstream: Upstream;
  readonly #server: Http2Server;
  readonly #judge: RequestJudge;
  readonly #nextServer: () => Upstream | undefined;
  readonly #sessions = new Set<Http2Session>();
  /** Keyed by the session of the client. */
  readonly #onward = new WeakMap<Http2Session, ClientHttp2Session>();

  private constructor(
    server: Http2Server,
    port: number,
    nextServer: () => Upstream | undefined,
    judge: RequestJudge,
  ) {
    this.#server = server;
    this.#judge = judge;
    this.#nextServer = nextServer;
    this.upstream = { instance: 'grpc-interposer', host: '127.0.0.1', port, ready: true };
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => {});
      session.on('close', () => {
        this.#sessions.delete(session);
        this.#onward.get(session)?.destroy();
      });
    });
    server.on('stream', (stream, headers) => {
      // What Node refuses to forward (an HTTP/1 header, a session that has just ended) ends that call only.
      this.#serve(stream, headers).catch(() => closeWith(stream, NGHTTP2_INTERNAL_ERROR));
    });
    server.on('sessionError', () => {});
  }

  /** @param nextServer the next ready server in turn, or undefined when there is none. */
  static listen(nextServer: () => Upstream | undefined, judge: RequestJudge): Promise<GrpcInterposer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        resolve(new GrpcInterposer(server, port, nextServer, judge));
      });
    });
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.destroy();
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {});
    const verdict = this.#judge('POST', headers[':path'] ?? '/');
    if (verdict.held) await verdict.held;
    if (stream.destroyed) return;
    if (verdict.status === null) this.#forward(stream, headers);
    else refuse(stream, verdict.status);
  }

  #forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const session = stream.session && this.#sessionFor(stream.session);
    if (!session) {
      stream.session?.destroy();
      return;
    }
    const onward = session.request({ ...headers }, { endStream: false });
    answerFrom(onward, stream);
    stream.pipe(onward);
    stream.on('close', () => {
      if (!onward.closed) onward.close(stream.rstCode === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : stream.rstCode);
    });
  }

  /**
   * When the server is lost, the client's connection closes too: the client dials another, as without the
   * hop.
   */
  #sessionFor(client: Http2Session): ClientHttp2Session | undefined {
    const known = this.#onward.get(client);
    if (known && !known.closed && !known.destroyed) return known;
    const server = this.#nextServer();
    if (!server) return undefined;
    const session = connect(`http://${formatAddress(server)}`);
    session.on('error', () => {});
    session.on('close', () => {
      if (this.#onward.get(client) === session) client.destroy();
    });
    // A server that sends GOAWAY gets no new calls, and this connection of the client gets no new calls
    // either.
    session.on('goaway', () => client.close());
    this.#onward.set(client, session);
    return session;
  }
}

/** Trailers only, the answer of a server that refuses a call. */
function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': GRPC_MESSAGE,
    },
    { endStream: true },
  );
  // The rest of the client's request is read and discarded.
  stream.resume();
}

function closeWith(stream: ServerHttp2Stream, code: number): void {
  if (!stream.closed && !stream.destroyed) stream.close(code);
}

function answerFrom(onward: ClientHttp2Stream, stream: ServerHttp2Stream): void {
  let trailers: IncomingHttpHeaders | undefined;
  let isWanted = false;
  const finish = (): void => {
    const sent = trailers;
    if (isWanted && sent !== undefined && !stream.destroyed) orClose(() => stream.sendTrailers(sent));
  };
  const orClose = (step: () => void): boolean => {
    try {
      step();
      return true;
    } catch {
      closeWith(stream, NGHTTP2_INTERNAL_ERROR);
      return false;
    }
  };
  onward.on('response', (headers, flags) => {
    if (stream.destroyed) return;
    const isWhole = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    const options = { endStream: isWhole, waitForTrailers: !isWhole, sendDate: false } as object;
    if (!orClose(() => stream.respond(headers, options)) || isWhole) return;
    stream.on('wantTrailers', () => {
      isWanted = true;
      finish();
    });
    onward.pipe(stream);
  });
  onward.on('trailers', (sent) => {
    trailers = sent;
    finish();
  });
  onward.on('error', () => {});
  onward.on('close', () => {
    if (onward.rstCode !== NGHTTP2_NO_ERROR) stream.close(onward.rstCode);
    else if (!stream.headersSent) stream.close(NGHTTP2_INTERNAL_ERROR);
    else {
      trailers ??= {};
      finish();
    }
  });
}
