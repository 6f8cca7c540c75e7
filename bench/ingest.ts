/**
 * The throughput of k6's sample stream: lines per second of the reader alone, and of the whole path from
 * bytes to increments. One HTTP arrival makes 15 lines: 13 of k6's own, a start and an answer. Run: `node
 * dist/bench/ingest.js`.
 */
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { ms, perSecond } from '../src/core/units.ts';
import { CsvReader, type SampleHandler } from '../src/load/csv-reader.ts';
import { FlowSink } from '../src/load/flow-sink.ts';
import { ScenarioIngest } from '../src/load/scenario-ingest.ts';
import { HlogEncoder } from '../src/measure/hlog.ts';
import { WHOLE } from '../src/measure/segments.ts';

const BASE_SECOND = 1_800_000_000;
const RATE = 2000;
const VUS = 200;
const PIECE_BYTES = 64 * 1024;
const OWN = [
  ...[
    'http_reqs',
    'http_req_duration',
    'http_req_blocked',
    'http_req_connecting',
    'http_req_tls_handshaking',
  ],
  ...['http_req_sending', 'http_req_waiting', 'http_req_receiving', 'http_req_failed'],
  ...['data_sent', 'data_received', 'iteration_duration', 'iterations'],
];

export interface IngestFigures {
  readonly lines: number;
  readonly bytesPerLine: number;
  readonly readerLinesPerSecond: number;
  readonly wholeLinesPerSecond: number;
  /** CPU of the whole path per arrival, in µs; multiplied by the arrival rate it is the share of a core. */
  readonly wholeUsPerArrival: number;
}

function streamOf(arrivals: number): Buffer {
  const lines = ['metric_name,timestamp,metric_value,scenario,extra_tags,metadata'];
  for (let arrival = 0; arrival < arrivals; arrival += 1) {
    const second = BASE_SECOND + Math.floor(arrival / RATE);
    const stamp = `${second}${String((arrival % RATE) * (1e9 / RATE) + 20_000).padStart(9, '0')}`;
    const tail = `gateway_intentions,flow=gateway.intentions,vu=${arrival % VUS}`;
    lines.push(`gauntlet_started,${stamp},1.000000,${tail}`);
    for (const name of OWN) lines.push(`${name},${stamp},${(arrival % 977) / 7 + 0.125}0000,${tail}`);
    const outcome = `flow=gateway.intentions&outcome=${arrival % 50 === 0 ? 'http-500' : 'ok'}`;
    const value = `${(2 + (arrival % 977) / 7).toFixed(6)}`;
    lines.push(`gauntlet_service_ms,${stamp},${value},gateway_intentions,${outcome},vu=${arrival % VUS}`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function feed(stream: Buffer, push: (piece: Buffer) => void): number {
  const from = performance.now();
  for (let at = 0; at < stream.length; at += PIECE_BYTES) push(stream.subarray(at, at + PIECE_BYTES));
  return (performance.now() - from) / 1000;
}

const ignore = (): void => undefined;
const discard: SampleHandler = {
  ...{
    started: ignore,
    answered: ignore,
    connected: ignore,
    stepped: ignore,
    dropped: ignore,
    pulse: ignore,
  },
};

/** @param arrivals at 2000/s; the default is 50 s of load in 1.5 million lines. */
export function measureIngest(arrivals = 100_000): IngestFigures {
  const stream = streamOf(arrivals);
  const reader = new CsvReader(discard, BASE_SECOND);
  const readerSeconds = feed(stream, (piece) => reader.push(piece));
  const sink = new FlowSink(ms(60_000));
  const flow = {
    flow: 'gateway.intentions',
    executor: 'gateway_intentions',
    vus: VUS,
    worstStallMs: ms(100),
  };
  const schedule = { startRate: perSecond(RATE), stages: [] };
  const ingest = new ScenarioIngest({
    flows: [{ ...flow, schedule }],
    segment: WHOLE,
    durationMs: ms(3_600_000),
    sink,
    baseSecond: BASE_SECOND,
    onFirst: ignore,
  });
  const encoder = new HlogEncoder(BASE_SECOND);
  // One flush per second of load, as in a run: about 2000 arrivals, 15 lines each.
  const bytesPerFlush = (stream.length / arrivals) * RATE;
  let flushed = 0;
  let seen = 0;
  const wholeSeconds = feed(stream, (piece) => {
    ingest.push(piece);
    seen += piece.length;
    if (seen - flushed < bytesPerFlush) return;
    flushed = seen;
    for (const increment of sink.meter.flush().latency) encoder.line(increment);
  });
  encoder.destroy();
  return {
    lines: reader.lines,
    bytesPerLine: stream.length / reader.lines,
    readerLinesPerSecond: reader.lines / readerSeconds,
    wholeLinesPerSecond: reader.lines / wholeSeconds,
    wholeUsPerArrival: (wholeSeconds * 1e6) / arrivals,
  };
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  measureIngest(20_000);
  console.log(JSON.stringify(measureIngest(), null, 2));
}
