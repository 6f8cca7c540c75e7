/**
 * A unary call as a line: a separate channel whose connection is never shared, so that fresh means a new
 * connection.
 */
import { Client, connectivityState, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { redact } from '../../core/secrets.ts';
import type { AddressAt } from '../../core/topology.ts';
import { notAnAnswer, PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { tlsWordsIn } from '../../system/tls/tls-words.ts';
import { type Line, ServerWord } from '../line/line.ts';
import { grpcTls } from './grpc-tls.ts';

const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': PROBE_ANSWER_BYTES,
};

export interface GrpcCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Sent with it. Absent: nothing. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** For one question. */
  request(): Buffer;
  /** Of the question whose request was taken last. */
  judge(): (answer: Buffer) => void;
  /** Whether this error code of the server is a good answer. */
  isGoodCode(code: string): boolean;
}

export class GrpcLine implements Line {
  readonly #client: Client;
  readonly #call: GrpcCall | null;
  readonly #deadlineMs: number;
  #closed = false;
  #watched = false;

  /** @param call null: a connection is the answer. */
  constructor({ address, access }: AddressAt, call: GrpcCall | null, deadlineMs: number) {
    this.#call = call;
    this.#deadlineMs = deadlineMs;
    const tls = access?.tls && grpcTls(access.tls, address);
    this.#client = new Client(address, tls?.credentials ?? credentials.createInsecure(), {
      ...OPTIONS,
      ...tls?.options,
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  ask(): Promise<void> {
    return this.#call === null ? this.#connect() : this.#ask(this.#call);
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  async #connect(): Promise<void> {
    if (this.#closed) throw new Error('connection closed');
    if (this.#watched) return;
    const channel = this.#client.getChannel();
    const until = Date.now() + this.#deadlineMs;
    for (let state = channel.getConnectivityState(true); ; state = channel.getConnectivityState(true)) {
      if (state === connectivityState.READY) break;
      if (state === connectivityState.TRANSIENT_FAILURE) throw await this.#failure();
      const isChanged = await new Promise<boolean>((resolve) => {
        channel.watchConnectivityState(state, until, (error) => resolve(error === undefined));
      });
      if (!isChanged) throw new Error(`no connection in ${this.#deadlineMs} ms`);
    }
    this.#watch();
  }

  /** Why there is no connection is in the answer to a call alone. */
  async #failure(): Promise<Error> {
    const call = { path: '/-/-', request: () => Buffer.alloc(0), judge: () => () => undefined };
    try {
      await this.#ask({ ...call, isGoodCode: () => true });
      return new Error('connection closed');
    } catch (error) {
      return error as Error;
    }
  }

  #ask(call: GrpcCall): Promise<void> {
    const request = call.request();
    const judge = call.judge();
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        call.path,
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        request,
        metadataOf(call.metadata),
        (error, answer) => {
          if (error?.code === status.UNAVAILABLE || error?.code === status.CANCELLED) {
            reject(lossOf(error.details));
            return;
          }
          this.#watch();
          try {
            if (error === null) judge(answer ?? Buffer.alloc(0));
            else if (!call.isGoodCode(status[error.code] ?? '')) throw wordOf(error);
            resolve();
          } catch (bad) {
            reject(bad);
          }
        },
      );
    });
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

function metadataOf(given: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(given)) metadata.set(key, value);
  return metadata;
}

function wordOf({ code, details }: ServiceError): ServerWord {
  const word = `grpc-${status[code] ?? code}`;
  return new ServerWord(word, details === '' ? word : `${word}: ${redact(details)}`);
}

/** grpc-js reports how a connection failed only as text, with the time in it. */
function lossOf(details: string): Error {
  const failed = tlsWordsIn(details);
  if (failed !== undefined) return new Error(failed.text);
  if (/Protocol error|HTTP2|HTTP\/2/i.test(details)) return notAnAnswer('gRPC');
  return new Error(/Failed to connect/.test(details) ? 'connection closed' : details);
}
