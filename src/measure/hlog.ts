/**
 * `latency.hlog`: the standard HDR histogram log (format 1.3), one line per flow × clock × due second and
 * flush, with Tag=<flow>:<clock>. Lines of one second add up. Text in, text out: other code reads and writes
 * the files.
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
  initWebAssemblySync,
  JsHistogram,
  type WasmHistogram,
} from 'hdr-histogram-js';
import { messageOf } from '../core/errors.ts';
import {
  LATENCY_CLOCKS,
  type LatencyClock,
  type LatencyIncrement,
  type SparseCounts,
} from '../core/samples.ts';
import { HIGHEST_US, SIGNIFICANT_DIGITS, topOf } from './buckets.ts';

const LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"';

/**
 * Writes lines through one 64-bit WebAssembly histogram. Call `destroy`: WebAssembly memory is not
 * garbage-collected.
 */
export class HlogEncoder {
  readonly #baseSecond: number;
  readonly #scratch: Histogram;

  /** @param baseSecond whole epoch seconds; the start times of all lines are relative to it. */
  constructor(baseSecond: number) {
    initWebAssemblySync();
    this.#baseSecond = baseSecond;
    this.#scratch = build({
      bitBucketSize: 64,
      useWebAssembly: true,
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_US,
      numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
      autoResize: false,
    });
  }

  header(): string {
    const seconds = `${this.#baseSecond}.000`;
    const date = new Date(this.#baseSecond * 1000).toISOString();
    return [
      '#[Histogram log format version 1.3]',
      `#[StartTime: ${seconds} (seconds since epoch), ${date}]`,
      `#[BaseTime: ${seconds} (seconds since epoch)]`,
      '#[Values in microseconds by the second an arrival was due; Interval_Max in milliseconds]',
      LEGEND,
      '',
    ].join('\n');
  }

  line(increment: LatencyIncrement): string {
    const encoded = this.encode(increment.counts);
    const start = (increment.second - this.#baseSecond).toFixed(3);
    const max = (this.#scratch.maxValue / 1000).toFixed(3);
    return `Tag=${increment.flow}:${increment.clock},${start},1.000,${max},${encoded}\n`;
  }

  /** An HDR histogram of µs, compressed, as base64; {@link decodeCounts} reads it. */
  encode(counts: SparseCounts): string {
    this.#scratch.reset();
    for (let at = 0; at + 1 < counts.length; at += 2) {
      const value = Math.min(HIGHEST_US, topOf(counts[at] ?? 0));
      (this.#scratch as WasmHistogram).recordValueWithCount(value, counts[at + 1] ?? 0);
    }
    return encodeIntoCompressedBase64(this.#scratch);
  }

  destroy(): void {
    this.#scratch.destroy();
  }
}

/** The content of one line of a log. */
export type HlogLine =
  | { readonly kind: 'interval'; readonly increment: LatencyIncrement }
  | { readonly kind: 'comment' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Reads lines in order: later lines need the base time of the head. */
export class HlogDecoder {
  #baseSecond = 0;

  read(line: string): HlogLine {
    if (line.startsWith('#')) {
      const base = /^#\[BaseTime: ([\d.]+)/.exec(line);
      if (base) this.#baseSecond = Number(base[1]);
      return { kind: 'comment' };
    }
    if (line === '' || line.startsWith('"')) return { kind: 'comment' };
    const match = /^Tag=([^,]+):([^,:]+),([\d.-]+),([\d.]+),([\d.]+),([A-Za-z0-9+/=]+)$/.exec(line);
    const clock = LATENCY_CLOCKS.find((name) => name === match?.[2]);
    if (match?.[1] === undefined || match[6] === undefined || clock === undefined) {
      return { kind: 'unreadable', why: 'not an interval line with Tag=<flow>:<clock>' };
    }
    return this.#decode(match[1], clock, Number(match[3]), match[6], match[5] ?? '');
  }

  #decode(flow: string, clock: LatencyClock, start: number, encoded: string, max: string): HlogLine {
    const second = this.#baseSecond + start;
    if (!Number.isInteger(second)) return { kind: 'unreadable', why: 'the interval is not a whole second' };
    try {
      const counts = decodeCounts(encoded);
      const top = counts.length === 0 ? 0 : topOf(counts[counts.length - 2] ?? 0);
      if (max !== (Math.min(HIGHEST_US, top) / 1000).toFixed(3)) {
        return { kind: 'unreadable', why: 'Interval_Max is not the maximum of the histogram' };
      }
      return { kind: 'interval', increment: { flow, clock, second, counts } };
    } catch (error) {
      return { kind: 'unreadable', why: messageOf(error) };
    }
  }
}

/** @throws when it is no histogram of 3 digits from 1 µs. */
export function decodeCounts(encoded: string): SparseCounts {
  const histogram = decodeFromCompressedBase64(encoded, 64, false);
  if (
    !(histogram instanceof JsHistogram) ||
    histogram.numberOfSignificantValueDigits !== SIGNIFICANT_DIGITS ||
    histogram.lowestDiscernibleValue !== 1
  ) {
    throw new Error('not a histogram of 3 digits from 1 µs');
  }
  const pairs: number[] = [];
  const last = histogram.totalCount === 0 ? -1 : histogram.countsArrayIndex(histogram.maxValue);
  for (let bucket = 0; bucket <= last; bucket += 1) {
    const count = histogram.getCountAtIndex(bucket);
    if (count > 0) pairs.push(bucket, count);
  }
  return Uint32Array.from(pairs);
}
