/**
 * A unary call as a line: a separate channel whose connection is never shared, so that fresh means a new
 * connection.
 */
import { Client, connectivityState, credentials, status } from '@grpc/grpc-js';
import type { GrpcAsk } from '../../core/system.ts';
import { grpcMethod } from '../../protocols/grpc/method.ts';
import { notAnAnswer, PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { checkAnswer, type GrpcQuestion } from './grpc-answer.ts';
import { type Dialler, type Line, ServerWord } from './line.ts';

const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': PROBE_ANSWER_BYTES,
};

/** @param address `host:port`. The first question opens the connection. @throws usage, as {@link grpcMethod}. */
export function grpcDialler(address: string, ask: GrpcAsk, proto: string | null): Dialler {
  const method = grpcMethod(ask.service, ask.method, proto);
  const request = method.encode(ask.request?.kind === 'json' ? (ask.request.json as object) : {});
  return { dial: async () => new GrpcLine(address, { method, request, fields: ask.fields }) };
}

class GrpcLine implements Line {
  readonly #client: Client;
  readonly #question: GrpcQuestion;
  #closed = false;
  #watched = false;

  constructor(address: string, question: GrpcQuestion) {
    this.#question = question;
    this.#client = new Client(address, credentials.createInsecure(), OPTIONS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        this.#question.method.path,
        (request: Buffer) => request,
        (answer: Buffer) => answer,
        this.#question.request,
        (error, answer) => {
          if (error?.code === status.UNAVAILABLE || error?.code === status.CANCELLED) {
            reject(lossOf(error.details));
            return;
          }
          this.#watch();
          if (error) reject(new ServerWord(`grpc-${status[error.code] ?? error.code}`));
          else
            try {
              checkAnswer(this.#question, answer ?? Buffer.alloc(0));
              resolve();
            } catch (bad) {
              reject(bad);
            }
        },
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  /** A channel would silently open a new connection; the line ends with its first one. */
  #watch(): void {
    if (this.#watched || this.#closed) return;
    this.#watched = true;
    const channel = this.#client.getChannel();
    const ended = (): void => {
      this.#closed = true;
    };
    if (channel.getConnectivityState(false) !== connectivityState.READY) ended();
    else channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, ended);
  }
}

/** grpc-js reports how a connection failed only as text, with the time in it. */
function lossOf(details: string): Error {
  if (/Protocol error|HTTP2|HTTP\/2/i.test(details)) return notAnAnswer('gRPC');
  return new Error(/Failed to connect/.test(details) ? 'connection closed' : details);
}
