/** grpc.health.v1.Health/Check as a line: one channel of its own, never shared, so that fresh means a new connection. */
import { Client, credentials, status } from '@grpc/grpc-js';
import { type Dialler, type Line, ServerWord } from './line.ts';

const METHOD = '/grpc.health.v1.Health/Check';
/** HealthCheckResponse { status = SERVING }: field 1, varint 1. */
const SERVING = Buffer.from([0x08, 0x01]);
const OPTIONS = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
};

/** @param address `host:port`. The held channel reconnects with gRPC's own back-off (1 s, growing), as callers do. */
export const grpcDialler = (address: string): Dialler => ({
  dial: async () => new GrpcLine(address),
});

class GrpcLine implements Line {
  readonly #client: Client;
  #closed = false;

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
          if (answer?.equals(SERVING)) resolve();
          else if (error?.code === status.UNAVAILABLE) reject(new Error(error.details));
          else reject(new ServerWord(error ? `grpc-${status[error.code] ?? error.code}` : 'not-serving'));
        },
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#client.close();
  }
}
