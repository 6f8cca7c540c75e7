/**
 * HealthCheck of a specialist as a line: a separate channel whose connection is never shared, so that fresh
 * means a new connection. SpecialistService/HealthCheck and not grpc.health.v1: the latter exists only where
 * a specialist's image has its package.
 */
import { Client, connectivityState, credentials, status } from '@grpc/grpc-js';
import { notAnAnswer, PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { type Dialler, type Line, ServerWord } from './line.ts';

const METHOD = '/neural_hive.specialist.SpecialistService/HealthCheck';
const STATUS_WORDS = ['unknown', 'serving', 'not-serving', 'service-unknown'];
const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': PROBE_ANSWER_BYTES,
};

/** @param address `host:port`. The first question opens the connection. */
export const grpcDialler = (address: string): Dialler => ({
  dial: async () => new GrpcLine(address),
});

class GrpcLine implements Line {
  readonly #client: Client;
  #closed = false;
  #watched = false;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), OPTIONS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        METHOD,
        (request: Buffer) => request,
        (answer: Buffer) => answer,
        Buffer.alloc(0),
        (error, answer) => {
          if (error?.code === status.UNAVAILABLE || error?.code === status.CANCELLED) {
            reject(lossOf(error.details));
            return;
          }
          this.#watch();
          try {
            const word = answer === undefined ? undefined : (STATUS_WORDS[healthOf(answer)] ?? 'unknown');
            if (word === 'serving') resolve();
            else reject(new ServerWord(error ? `grpc-${status[error.code] ?? error.code}` : `${word}`));
          } catch (foreign) {
            reject(foreign);
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

/**
 * Field 1 of HealthCheckResponse, a varint enum: absent means 0. Field 2, the details, may precede or follow
 * it.
 * @throws ForeignBytes when it is not such a message.
 */
export function healthOf(answer: Uint8Array): number {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    // Ten bytes hold every varint; only the low 32 bits matter here.
    for (let count = 0; count < 10; count += 1) {
      const byte = answer[at];
      if (byte === undefined) break;
      at += 1;
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw notAnAnswer('gRPC');
  };
  while (at < answer.length) {
    const tag = varint();
    if (tag === 0x08) return varint();
    if ((tag & 7) === 0) varint();
    else if ((tag & 7) === 1) at += 8;
    else if ((tag & 7) === 2) at += varint();
    else if ((tag & 7) === 5) at += 4;
    else throw notAnAnswer('gRPC');
    if (at > answer.length) throw notAnAnswer('gRPC');
  }
  return 0;
}
