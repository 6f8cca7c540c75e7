/**
 * A scripted Kafka broker on a real socket: answers requests by their API key, or does not answer. For tests
 * of our clients.
 */
import { createServer, type Socket } from 'node:net';
import { WireReader, WireWriter } from '../../src/protocols/kafka/wire.ts';

export const API = {
  produce: 0,
  listOffsets: 2,
  metadata: 3,
  findCoordinator: 10,
  apiVersions: 18,
  createTopics: 19,
  initProducerId: 22,
  addPartitions: 24,
  endTxn: 26,
  describeCluster: 60,
};

export interface FakePartition {
  readonly partition: number;
  readonly leader: number;
  readonly isr?: readonly number[];
  /** End offset, as reported by its leader. */
  readonly end?: bigint;
}

/** The cluster that the broker reports. */
export interface ClusterState {
  /** Node ids of the living brokers; all are at this broker's own address. */
  readonly brokers: readonly number[];
  readonly topics: Readonly<Record<string, readonly FakePartition[]>>;
  /** The active controller; -1: none. Undefined: DescribeCluster is not answered at all. */
  readonly controller: number | undefined;
}

export interface FakeBroker {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** API keys in the order of arrival. */
  readonly asked: number[];
  /** The complete frames of the requests. */
  readonly bodies: Buffer[];
  /** Number of accepted connections. */
  connections(): number;
  /**
   * Error codes of the next answers, by API key, used in order; `silence` gives no answer. Without one the
   * broker gives its usual answer.
   */
  script(apiKey: number, ...answers: (number | 'silence')[]): void;
  /** A custom answer for one API: `answer` gets the body of each request. */
  answer(apiKey: number, answer: (request: WireReader) => Buffer): void;
  close(): Promise<void>;
}

/** One broker (node 1) that leads the one partition of topic `t` and coordinates every transaction. */
const ALONE: ClusterState = { brokers: [1], topics: { t: [{ partition: 0, leader: 1 }] }, controller: 1 };

export async function fakeBroker(said: Partial<ClusterState> = {}): Promise<FakeBroker> {
  const state = { ...ALONE, ...said };
  const asked: number[] = [];
  const bodies: Buffer[] = [];
  const scripts = new Map<number, (number | 'silence')[]>();
  const own = new Map<number, (request: WireReader) => Buffer>();
  const sockets = new Set<Socket>();
  let connections = 0;
  let port = 0;
  /** Undefined: no answer. */
  const answerTo = (apiKey: number, request: WireReader): Buffer | undefined => {
    const code = scripts.get(apiKey)?.shift() ?? 0;
    if (code === 'silence') return undefined;
    if (apiKey === API.describeCluster && state.controller === undefined) return undefined;
    return own.get(apiKey)?.(request) ?? usualAnswer(apiKey, code, state, port);
  };
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
        reader.string(); // client id
        asked.push(apiKey);
        bodies.push(Buffer.from(frame));
        const answer = answerTo(apiKey, reader);
        if (answer === undefined) continue;
        const bytes = new WireWriter().bytes(new WireWriter().int32(id).raw(answer).finish()).finish();
        // In two pieces, so that the client has to reassemble frames.
        socket.write(bytes.subarray(0, 5));
        socket.write(bytes.subarray(5));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
  return {
    address: `127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    asked,
    bodies,
    connections: () => connections,
    script: (apiKey, ...answers) => scripts.set(apiKey, answers),
    answer: (apiKey, answer) => own.set(apiKey, answer),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function usualAnswer(apiKey: number, code: number, state: ClusterState, port: number): Buffer {
  const writer = new WireWriter();
  switch (apiKey) {
    case API.metadata:
      return metadataAnswer(state, port);
    case API.listOffsets:
      return offsetsAnswer(state);
    case API.describeCluster:
      return clusterAnswer(state);
    case API.apiVersions:
      return writer.int16(code).int32(0).finish();
    case API.findCoordinator:
      return writer.int32(0).int16(code).string(null).int32(1).string('127.0.0.1').int32(port).finish();
    case API.initProducerId:
      return writer.int32(0).int16(code).int64(77n).int16(0).finish();
    case API.addPartitions:
      return writer.int32(0).int32(1).string('t').int32(1).int32(0).int16(code).finish();
    case API.produce:
      writer.int32(1).string('t').int32(1).int32(0).int16(code).int64(0n).int64(-1n);
      return writer.int32(0).finish();
    default:
      return writer.int32(0).int16(code).finish();
  }
}

/** Metadata v7: throttle, brokers, cluster id, controller, topics. */
export function metadataAnswer({ brokers, topics }: Omit<ClusterState, 'controller'>, port: number): Buffer {
  const writer = new WireWriter().int32(0);
  const ids = (list: readonly number[]): unknown => writer.array(list, (id) => writer.int32(id));
  writer.array(brokers, (id) => writer.int32(id).string('127.0.0.1').int32(port).string(null));
  writer.string('c').int32(brokers[0] ?? -1);
  writer.array(Object.entries(topics), ([name, partitions]) => {
    const unknown = 3;
    writer.int16(partitions.length === 0 ? unknown : 0).string(name);
    writer.int8(name.startsWith('__') ? 1 : 0);
    writer.array(partitions, ({ partition, leader, isr = [] }) => {
      writer.int16(0).int32(partition).int32(leader).int32(5);
      ids([1, 2, 3]);
      ids(isr);
      ids([]);
    });
  });
  return writer.finish();
}

/** ListOffsets v1 of the first topic. */
function offsetsAnswer({ topics }: ClusterState): Buffer {
  const writer = new WireWriter();
  return writer
    .array(Object.entries(topics).slice(0, 1), ([name, partitions]) => {
      writer.string(name);
      writer.array(partitions, ({ partition, end = 0n }) =>
        writer.int32(partition).int16(0).int64(-1n).int64(end),
      );
    })
    .finish();
}

/**
 * Flexible answer: tagged fields of the header, throttle, error, message, endpoint type, cluster id,
 * controller, nodes.
 */
function clusterAnswer({ controller = -1 }: ClusterState): Buffer {
  const writer = new WireWriter().int8(0).int32(0).int16(0);
  writer.raw(Buffer.from([0, 2, 3, 0x61, 0x62])).int32(controller);
  return writer.int8(1).int32(-2_147_483_648).int8(0).finish();
}
