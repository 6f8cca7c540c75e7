/** A listener that answers Metadata, ListOffsets and DescribeCluster as the Kafka protocol guide writes them. */
import { createServer, type Server, type Socket } from 'node:net';

export interface FakePartition {
  readonly partition: number;
  readonly leader: number;
  readonly isr: readonly number[];
  /** End offset, as its leader would say. */
  readonly end?: bigint;
}

export interface FakeBroker {
  topics: Record<string, FakePartition[]>;
  brokers: readonly number[];
  /** What it says of the active controller; undefined: it does not answer at all. */
  controller: number | undefined;
}

const METADATA = 3;
const LIST_OFFSETS = 2;

export async function fakeBroker(
  state: FakeBroker,
): Promise<{ readonly address: string; readonly asked: number[]; close(): void }> {
  const asked: number[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (request) => {
      const key = request.readInt16BE(4);
      asked.push(key);
      if (key !== METADATA && key !== LIST_OFFSETS && state.controller === undefined) return;
      const body =
        key === METADATA ? metadata(state) : key === LIST_OFFSETS ? offsets(state) : cluster(state);
      socket.write(Buffer.concat([int32(body.length + 4), request.subarray(8, 12), body]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([int16(value.length), Buffer.from(value)]);
const list = <T>(items: readonly T[], each: (item: T) => Buffer): Buffer =>
  Buffer.concat([int32(items.length), ...items.map(each)]);

function metadata(state: FakeBroker): Buffer {
  return Buffer.concat([
    list(state.brokers, (id) => Buffer.concat([int32(id), text('localhost'), int32(9092), int16(-1)])),
    int32(state.brokers[0] ?? -1),
    list(Object.entries(state.topics), ([name, partitions]) =>
      Buffer.concat([
        int16(0),
        text(name),
        Buffer.from([name.startsWith('__') ? 1 : 0]),
        list(partitions, (one) =>
          Buffer.concat([
            int16(0),
            int32(one.partition),
            int32(one.leader),
            list([1, 2, 3], int32),
            list(one.isr, int32),
          ]),
        ),
      ]),
    ),
  ]);
}

function offsets(state: FakeBroker): Buffer {
  const partitions = Object.values(state.topics).flat();
  return list(Object.keys(state.topics).slice(0, 1), (name) =>
    Buffer.concat([
      text(name),
      list(partitions, (one) =>
        Buffer.concat([int32(one.partition), int16(0), int64(-1n), int64(one.end ?? 0n)]),
      ),
    ]),
  );
}

/** Flexible answer: tagged fields of the header, throttle, error, message, endpoint type, cluster id, controller, nodes. */
function cluster(state: FakeBroker): Buffer {
  return Buffer.concat([
    Buffer.from([0]),
    int32(0),
    int16(0),
    Buffer.from([0, 2, 3, 0x61, 0x62]),
    int32(state.controller ?? -1),
    Buffer.from([1]),
    int32(-2_147_483_648),
    Buffer.from([0]),
  ]);
}
