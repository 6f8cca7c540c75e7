/** A schema registry over real HTTP, with the interface of Confluent as far as records are read by it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import avro from 'avsc';

export interface Registered {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly {
    readonly name: string;
    readonly subject: string;
    readonly version: number;
  }[];
}

export interface TestRegistryOptions {
  /** Of `GET /schemas/ids/ID`. */
  readonly ids?: Readonly<Record<number, Registered>>;
  /** By `SUBJECT/VERSION`. */
  readonly subjects?: Readonly<Record<string, Registered>>;
  /** What the header Authorization must be. */
  readonly authorization?: string;
  readonly pair?: { readonly cert: string; readonly key: string };
  /** Before each path. */
  readonly path?: string;
}

export class TestRegistry {
  /** The path of each question. */
  readonly asked: string[] = [];
  /** So many questions are cut off without an answer. */
  down = 0;
  readonly #options: TestRegistryOptions;
  readonly #server: Server;

  constructor(options: TestRegistryOptions) {
    this.#options = options;
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      this.#answer(request, response);
    this.#server = options.pair ? createTls(options.pair, answer) : createServer(answer);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.pair ? 'https' : 'http'}://127.0.0.1:${port}${this.#options.path ?? ''}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer({ url = '', headers, socket }: IncomingMessage, response: ServerResponse): void {
    this.asked.push(url);
    if (this.down > 0) {
      this.down -= 1;
      socket.destroy();
      return;
    }
    const [status, body] = this.#found(url, headers.authorization);
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
    response.end(JSON.stringify(body));
  }

  #found(url: string, authorization: string | undefined): readonly [status: number, body: object] {
    const { ids = {}, subjects = {}, path = '', ...wanted } = this.#options;
    if (wanted.authorization !== undefined && authorization !== wanted.authorization)
      return [401, { error_code: 40_101, message: 'Unauthorized' }];
    const asked = url.startsWith(path) ? url.slice(path.length) : '';
    if (asked === '/schemas/types') return [200, ['AVRO']];
    const [, id] = /^\/schemas\/ids\/(\d+)$/.exec(asked) ?? [];
    if (id !== undefined) {
      const found = ids[Number(id)];
      return found ? [200, found] : [404, { error_code: 40_403, message: 'Schema not found' }];
    }
    const [, subject = '', version = ''] = /^\/subjects\/([^/]+)\/versions\/(\d+)$/.exec(asked) ?? [];
    const found = subjects[`${decodeURIComponent(subject)}/${version}`];
    return found ? [200, found] : [404, { error: 'not found' }];
  }
}

/** As a producer with a registry writes it. */
export function written(id: number, schema: object, value: unknown): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, avro.Type.forSchema(schema as avro.Schema).toBuffer(value)]);
}
