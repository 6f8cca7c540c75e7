/** A scripted Kafka broker on a real socket: answers requests by their API key, or keeps silent. For tests of the client. */
import { createServer, type Socket } from 'node:net';
import { WireReader, WireWriter } from '../../../src/system/kafka-wire.ts';

export const API = {
  produce: 0,
  metadata: 3,
  findCoordinator: 10,
  initProducerId: 22,
  addPartitions: 24,
  endTxn: 26,
};

export interface FakeBroker {
  readonly address: string;
  readonly port: number;
  /** API keys in the order in which they came. */
  readonly asked: number[];
  /** Bodies beside them. */
  readonly bodies: Buffer[];
  /** How often a client has connected. */
  connections(): number;
  /** Answers to come, by API key, used up in order; `silence` answers nothing. Without one the usual answer is given. */
  script(apiKey: number, ...answers: (number | 'silence')[]): void;
  close(): Promise<void>;
}

/** One broker (node 1) that leads the one partition of topic `t` and coordinates every transaction. */
export async function fakeBroker(): Promise<FakeBroker> {
  const asked: number[] = [];
  const bodies: Buffer[] = [];
  const scripts = new Map<number, (number | 'silence')[]>();
  const sockets = new Set<Socket>();
  let connections = 0;
  let port = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const frame = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + frame.length);
        const reader = new WireReader(frame);
        const [apiKey] = [reader.int16(), reader.int16()];
        const id = reader.int32();
        asked.push(apiKey);
        bodies.push(Buffer.from(frame));
        const code = scripts.get(apiKey)?.shift() ?? 0;
        if (code === 'silence') continue;
        const body = new WireWriter()
          .int32(id)
          .raw(usualAnswer(apiKey, code, port))
          .finish();
        // In two pieces, so that the client has to put frames together.
        const bytes = new WireWriter().int32(body.length).raw(body).finish();
        socket.write(bytes.subarray(0, 5));
        socket.write(bytes.subarray(5));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
  return {
    address: `127.0.0.1:${port}`,
    port,
    asked,
    bodies,
    connections: () => connections,
    script: (apiKey, ...answers) => scripts.set(apiKey, answers),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function usualAnswer(apiKey: number, code: number, port: number): Buffer {
  const writer = new WireWriter();
  switch (apiKey) {
    case API.metadata:
      writer.int32(0).int32(1).int32(1).string('127.0.0.1').int32(port).string(null).string('c').int32(1);
      writer.int32(1).int16(0).string('t').int8(0).int32(1);
      writer.int16(0).int32(0).int32(1).int32(5).int32(0).int32(0).int32(0);
      break;
    case API.findCoordinator:
      writer.int32(0).int16(code).string(null).int32(1).string('127.0.0.1').int32(port);
      break;
    case API.initProducerId:
      writer.int32(0).int16(code).int64(77n).int16(0);
      break;
    case API.addPartitions:
      writer.int32(0).int32(1).string('t').int32(1).int32(0).int16(code);
      break;
    case API.produce:
      writer.int32(1).string('t').int32(1).int32(0).int16(code).int64(0n).int64(-1n).int32(0);
      break;
    default:
      writer.int32(0).int16(code);
  }
  return writer.finish();
}
