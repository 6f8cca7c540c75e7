import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/rng.ts';
import { CsvReader, type SampleHandler } from '../../../src/load/csv-reader.ts';
import { checkAnswer } from '../../../src/protocols/grpc/grpc-answer.ts';
import { grpcMethod } from '../../../src/protocols/grpc/method.ts';
import { httpAnswer } from '../../../src/protocols/http/http-answer.ts';
import { KafkaFrames } from '../../../src/protocols/kafka/frames.ts';
import {
  readApiVersions,
  readController,
  readEndOffsets,
  readMetadata,
} from '../../../src/protocols/kafka/requests.ts';
import { WireReader, WireWriter } from '../../../src/protocols/kafka/wire.ts';
import { ServerWord } from '../../../src/protocols/line/line.ts';
import { redisProtocol, redisWriteProtocol } from '../../../src/protocols/redis/redis.ts';
import { RespReader } from '../../../src/protocols/redis/resp-reader.ts';
import { LineReader } from '../../../src/system/bounded-lines.ts';
import { ForeignBytes } from '../../../src/system/foreign-bytes.ts';

const CAP = 256;
const OK = { method: 'get', statuses: [[200, 200]], fields: {} } as const;
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const broker = new WireWriter().int32(1).string('h').int32(9092).string(null).finish();
const metadata = new WireWriter().int32(0).int32(1).raw(broker).string('c').int32(1).int32(0).finish();
const frame = (id: number, body: Buffer): Buffer =>
  new WireWriter()
    .int32(4 + body.length)
    .int32(id)
    .raw(body)
    .finish();
/** What a peer may say, right and wrong: the fuzz begins from these. */
const SAID: readonly Buffer[] = [
  text('+PONG\r\n'),
  text('-ERR max number of clients reached\r\n'),
  text(':12\r\n'),
  text('$3\r\nabc\r\n'),
  text('*2\r\n$1\r\na\r\n*1\r\n:1\r\n'),
  text('*1\r\n'.repeat(30)),
  text('$9999999999\r\n'),
  text('$-7\r\n'),
  text('*99999999\r\n'),
  text(':1e400\r\n'),
  text('$1024\r\nggggggg'),
  frame(1, metadata),
  frame(7, Buffer.from([0, 0, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])),
  Buffer.from('ffffffff', 'hex'),
  Buffer.from('7fffffff00000001', 'hex'),
  Buffer.alloc(12),
  text('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
  text('HTTP/1.0 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
  text('HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999\r\n\r\n'),
  text('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n'),
  Buffer.from('1503010002022a', 'hex'),
  Buffer.from([0x08, 1, 0x12, 3, 97, 98, 99]),
  Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  text('metric_name,timestamp,metric_value,scenario,extra_tags,metadata\n'),
  text('gauntlet_service_ms,1700000000000000000,1.5,main,outcome=ok,vu=3\n'),
  text('{"type":"ADDED"}\n'),
];

type Draw = (below: number) => number;

/** One of them, or noise; then some bytes changed, repeated or lost. */
function drawFrame(draw: Draw): Buffer {
  const from = SAID[draw(SAID.length)] ?? Buffer.alloc(0);
  const bytes =
    draw(8) === 0 ? Buffer.from(Array.from({ length: draw(24) }, () => draw(256))) : Buffer.from(from);
  for (let changes = draw(3); changes > 0 && bytes.length > 0; changes -= 1)
    bytes[draw(bytes.length)] = draw(256);
  const end = draw(4) === 0 ? draw(bytes.length + 1) : bytes.length;
  return draw(10) === 0 ? Buffer.concat([bytes, bytes.subarray(0, end)]) : bytes.subarray(0, end);
}

const FRAMES_PER_RUN = 1000;

/** `expect` takes longer than what is tested here. */
function atMost(limit: number, value: number): void {
  if (value > limit) throw new Error(`${value} above ${limit}`);
}

/** 100,000 frames, each cut at two places; `read` sees them as a connection does and is made anew once it has refused. */
function feed(open: () => (chunk: Buffer) => void): void {
  const { stackTraceLimit } = Error;
  // Most of these frames are refused, and a stack costs more than the reading.
  Error.stackTraceLimit = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = seededRng(seed);
      const draw: Draw = (below) => Math.floor(rng.next() * below);
      let read = open();
      for (let count = 0; count < FRAMES_PER_RUN; count += 1) {
        const bytes = drawFrame(draw);
        const cuts = [draw(bytes.length + 1), draw(bytes.length + 1)].sort((a, b) => a - b);
        try {
          for (const [from, to] of [
            [0, cuts[0]],
            [cuts[0], cuts[1]],
            [cuts[1], bytes.length],
          ])
            if (from !== to) read(bytes.subarray(from, to));
        } catch (error) {
          if (!(error instanceof ForeignBytes || error instanceof ServerWord)) throw error;
          read = open();
        }
      }
    }),
    { numRuns: 100 },
  );
  Error.stackTraceLimit = stackTraceLimit;
}

/** A probe's line: what has come so far is looked at again with each chunk. */
function probe(reader: (bytes: Buffer, isEnd: boolean) => number | undefined): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = reader(bytes, bytes.length > 4 * CAP);
    if (end !== undefined) atMost(bytes.length, end);
    if (end !== undefined || bytes.length > 4 * CAP) throw new ForeignBytes('next');
  };
}

describe('100,000 frames of anything, cut anywhere', () => {
  it('never throw anything but a refusal in the reader of Redis replies, nor make it keep more than its cap', () => {
    feed(() => {
      const reader = new RespReader(CAP);
      return (chunk) => {
        reader.push(chunk);
        atMost(2 * CAP, reader.kept);
      };
    });
  });

  it('never throw anything but a refusal in the reader of Kafka frames, nor make it keep more than its cap', () => {
    feed(() => {
      const frames = new KafkaFrames(CAP);
      return (chunk) => {
        for (const { answer } of frames.push(chunk)) atMost(CAP, answer.length);
        atMost(CAP + 4, frames.kept);
      };
    });
  });

  it('never throw anything but a refusal in the readers of Kafka answers', () => {
    const readers = [readMetadata, readEndOffsets, readController, readApiVersions];
    let next = 0;
    feed(() => (chunk) => {
      next += 1;
      readers[next % readers.length]?.(new WireReader(chunk));
    });
  });

  it('never throw anything but a refusal in the reader of lines, nor make it keep more than its cap', () => {
    feed(() => {
      const lines = new LineReader(CAP);
      return (chunk) => {
        for (const line of lines.push(chunk)) atMost(CAP, line.length);
        atMost(CAP, lines.kept);
      };
    });
  });

  it('never throw anything but a refusal or a word in the probes of HTTP and Redis', () => {
    const makers = [() => httpAnswer(OK), redisProtocol('h', 1).reader, redisWriteProtocol('h', 1).reader];
    let next = 0;
    feed(() => {
      next += 1;
      return probe((makers[next % makers.length] ?? (() => httpAnswer(OK)))());
    });
  });

  it('never throw anything but a refusal in the health of a specialist', () => {
    const method = grpcMethod(
      'neural_hive.specialist.SpecialistService',
      'HealthCheck',
      'systems/neural-hive-mind/proto/specialist.proto',
    );
    const fields = { status: { kind: 'one-of', values: ['SERVING'] } } as const;
    const check = (answer: Buffer): undefined => {
      checkAnswer({ method, fields }, answer);
    };
    feed(() => probe(check));
  });

  it("are counted or skipped by the reader of k6's samples", () => {
    const nothing = (): void => undefined;
    const handler: SampleHandler = {
      started: nothing,
      answered: nothing,
      connected: nothing,
      stepped: nothing,
      dropped: nothing,
      pulse: nothing,
    };
    const head = SAID.find((one) => one.includes('metric_name')) ?? Buffer.alloc(0);
    feed(() => {
      const reader = new CsvReader(handler, 1_700_000_000);
      reader.push(head);
      return (chunk) => reader.push(chunk);
    });
  });
});

describe('an answer that is none', () => {
  it.each([
    ['Kafka', 'ffffffff', 'not a Kafka answer'],
    ['Kafka', '00000000', 'not a Kafka answer'],
    ['Kafka', '7fffffff', 'not a Kafka answer'],
    [
      'Kafka',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex'),
      'not a Kafka answer (it speaks HTTP)',
    ],
    ['Kafka', '15030100020246', 'not a Kafka answer (it speaks TLS)'],
    ['Redis', Buffer.from('*1\r\n'.repeat(20_000)).toString('hex'), 'not a Redis answer'],
    ['Redis', Buffer.from('$9999999999\r\n').toString('hex'), 'not a Redis answer'],
    ['Redis', Buffer.from('$abc\r\n').toString('hex'), 'not a Redis answer'],
    ['Redis', Buffer.from('*-2\r\n').toString('hex'), 'not a Redis answer'],
    ['Redis', Buffer.from(':9007199254740993\r\n').toString('hex'), 'not a Redis answer'],
    ['Redis', Buffer.from('SSH-2.0-x\r\n').toString('hex'), 'not a Redis answer (it speaks SSH)'],
  ] as const)('of %s is refused as soon as it shows', (protocol, hex, words) => {
    const reader = protocol === 'Kafka' ? new KafkaFrames(65_536) : new RespReader();
    expect(() => reader.push(Buffer.from(hex, 'hex'))).toThrow(new ForeignBytes(words));
  });

  it('of HTTP is refused by its first bytes, and without an end of its head', () => {
    expect(() => httpAnswer(OK)(text('+PONG'), false)).toThrow('not an HTTP answer');
    expect(() => httpAnswer(OK)(text(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`), false)).toThrow(
      'a head above 16 KiB',
    );
  });

  it('of an ECHO is refused when other bytes come back', () => {
    const read = redisProtocol('h', 1).reader();
    expect(() => read(text(`$1024\r\n${'x'.repeat(1024)}\r\n`), false)).toThrow('not a Redis answer');
    expect(read(text(`$1024\r\n${'g'.repeat(1024)}\r\n`), false)).toBe(1033);
    expect(() => read(text('-ERR max number of clients reached\r\n'), false)).toThrow(
      new ServerWord('ERR max number of clients reached'),
    );
  });

  it('takes HTTP/1.0 up to the end of its connection, and chunks up to their last', () => {
    const old = text('HTTP/1.0 200 OK\r\n\r\n{}');
    expect(httpAnswer(OK)(old, false)).toBeUndefined();
    expect(httpAnswer(OK)(old, true)).toBe(old.length);
    const chunks = text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
    expect(httpAnswer(OK)(chunks, false)).toBe(chunks.length);
    expect(httpAnswer(OK)(chunks.subarray(0, -2), false)).toBeUndefined();
  });
});
