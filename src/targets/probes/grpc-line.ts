/**
 * HealthCheck of a specialist as a line: one channel of its own, whose connection is never shared with another channel, so
 * that fresh means a new connection. SpecialistService/HealthCheck and not grpc.health.v1: the latter is there only
 * where a specialist's image has the package for it.
 */
import { Client, connectivityState, credentials, status } from '@grpc/grpc-js';
import { type Dialler, type Line, ServerWord } from './line.ts';

const METHOD = '/neural_hive.specialist.SpecialistService/HealthCheck';
const STATUS_WORDS = ['unknown', 'serving', 'not-serving', 'service-unknown'];
const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
};

/** @param address `host:port`. The connection is made by the first question. */
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
            reject(new Error(error.details));
            return;
          }
          this.#watch();
          const word = answer === undefined ? undefined : STATUS_WORDS[healthOf(answer)];
          if (word === 'serving') resolve();
          else reject(new ServerWord(error ? `grpc-${status[error.code] ?? error.code}` : `${word}`));
        },
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }

  /** A channel would silently make a new connection; the line ends with the one that it was made of. */
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

/** Field 1 of HealthCheckResponse, a varint enum: absent means 0. Field 2, the details, may stand before or behind it. */
function healthOf(answer: Buffer): number {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < answer.length; shift += 7) {
      const byte = answer.readUInt8(at);
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < answer.length) {
    const tag = varint();
    if (tag === 0x08) return varint();
    at += varint();
  }
  return 0;
}
