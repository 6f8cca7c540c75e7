/**
 * Compares the three files of the load with each other. Each contains every arrival by the second in which it
 * was due: once in counts, once in a slice, once in the histogram of responses. So the three must agree in
 * each second of each flow; where they differ, one of them is not what was measured. 120 bytes for each
 * second of a flow.
 */
import type { Flaw } from '../core/flaw.ts';
import type { CountIncrement, LatencyClock, LatencyIncrement, SliceIncrement } from '../core/samples.ts';
import { bucketOf } from './buckets.ts';
import { Columns } from './columns.ts';

/** Columns: sums by second, and the last line of each file that contributed. */
const COLUMNS = [
  ...['due', 'started', 'dropped', 'completed', 'interrupted', 'failed', 'stale', 'bad', 'countsLine'],
  ...['response', 'service', 'lateness', 'droppedClock', 'interruptedClock', 'failedClock', 'failedService'],
  ...['topBucket', 'latencyLine'],
  ...['sliceDue', 'sliceBad', 'sliceMaxUs', 'slicesLine'],
] as const;

/** What the files are called. */
export interface TallyNames {
  readonly latency: string;
  readonly counts: string;
  readonly slices: string;
}

const CLOCK_COLUMN: Readonly<Partial<Record<LatencyClock, string>>> = {
  response: 'response',
  service: 'service',
  lateness: 'lateness',
  dropped: 'droppedClock',
  interrupted: 'interruptedClock',
  failed: 'failedClock',
  'failed-service': 'failedService',
};

/** Runs of earlier versions have none of these. */
const LATER_CLOCKS = [
  ['interrupted', 'interrupted', 'interrupted'],
  ['failed', 'failed', 'bad answers'],
  ['failed-service', 'failed', 'service times of bad answers'],
] as const;

export class LoadTally {
  readonly #flows = new Map<string, Columns>();
  readonly #names: TallyNames;
  /** Of all flows. */
  readonly #clocks = new Set<LatencyClock>();

  constructor(names: TallyNames) {
    this.#names = names;
  }

  counts(one: CountIncrement, line: number): void {
    const row = this.#row(one.flow, one.second);
    row.add('due', one.due);
    row.add('started', one.started);
    row.add('dropped', one.dropped);
    row.add('completed', one.completed);
    row.add('interrupted', one.interrupted);
    row.add('failed', one.failed);
    row.add('stale', one.stale ?? 0);
    row.add('bad', one.failed + one.dropped + one.interrupted);
    row.set('countsLine', line);
  }

  slice(one: SliceIncrement, line: number): void {
    const row = this.#row(one.flow, Math.floor(one.at / 1000));
    row.add('sliceDue', one.due);
    row.add('sliceBad', one.bad);
    row.set('sliceMaxUs', Math.max(row.get('sliceMaxUs'), one.maxUs));
    row.set('slicesLine', line);
  }

  /** @param isStep the series consists of single requests, which are not arrivals. */
  latency({ flow, clock, second, counts }: LatencyIncrement, line: number, isStep: boolean): void {
    const column = CLOCK_COLUMN[clock];
    if (column === undefined || isStep) return;
    this.#clocks.add(clock);
    const row = this.#row(flow, second);
    let total = 0;
    for (let at = 1; at < counts.length; at += 2) total += counts[at] ?? 0;
    row.add(column, total);
    row.set('latencyLine', line);
    // Pairs are in order of buckets: the last one is the highest.
    if (clock === 'response')
      row.set('topBucket', Math.max(row.get('topBucket'), counts[counts.length - 2] ?? 0));
  }

  /**
   * The first second of each flow and pair of files in which they disagree. Only for a load that ran to its
   * end.
   */
  flaws(): Flaw[] {
    return [...this.#flows].flatMap(([flow, columns]) => this.#flawsOf(flow, columns));
  }

  #flawsOf(flow: string, columns: Columns): Flaw[] {
    const { latency, counts, slices } = this.#names;
    const found = new Map<string, Flaw>();
    for (let second = columns.first; second < columns.end; second += 1) {
      const row = rowOf(columns, second);
      const differ = (
        file: string,
        against: string,
        column: string,
        what: string,
        is: number,
        was: number,
      ): void => {
        const key = `${file} ${against}`;
        if (is === was || found.has(key)) return;
        const line = row.get(column);
        const text = `${flow}, second ${second}: ${what} ${is}, in ${against} ${was}`;
        found.set(key, { file, ...(line > 0 && { line }), text, against });
      };
      const [due, sliceDue] = [row.get('due'), row.get('sliceDue')];
      // An arrival on a stale connection has no response.
      const stale = row.get('stale');
      if (due !== sliceDue && row.get('response') + stale === sliceDue) {
        // Two files agree against one.
        differ(counts, `${latency} and ${slices}`, 'countsLine', 'arrivals', due, sliceDue);
        continue;
      }
      differ(latency, counts, 'latencyLine', 'responses', row.get('response'), due - stale);
      differ(latency, counts, 'latencyLine', 'service times', row.get('service'), row.get('completed'));
      differ(latency, counts, 'latencyLine', 'latenesses', row.get('lateness'), row.get('started'));
      differ(latency, counts, 'latencyLine', 'dropped', row.get('droppedClock'), row.get('dropped'));
      for (const [clock, counted, what] of LATER_CLOCKS) {
        if (!this.#clocks.has(clock)) continue;
        const is = row.get(CLOCK_COLUMN[clock] ?? '');
        differ(latency, counts, 'latencyLine', what, is, row.get(counted));
      }
      differ(slices, counts, 'slicesLine', 'arrivals', sliceDue, due);
      differ(slices, counts, 'slicesLine', 'bad', row.get('sliceBad'), row.get('bad'));
      const top = row.get('sliceMaxUs');
      differ(slices, latency, 'slicesLine', 'bucket of the maximum', bucketOf(top), row.get('topBucket'));
    }
    return [...found.values()];
  }

  #row(flow: string, second: number): Row {
    let columns = this.#flows.get(flow);
    if (columns === undefined) {
      columns = new Columns(COLUMNS.length);
      this.#flows.set(flow, columns);
    }
    return rowOf(columns, second);
  }
}

interface Row {
  get(column: string): number;
  set(column: string, value: number): void;
  add(column: string, value: number): void;
}

const PLACE: ReadonlyMap<string, number> = new Map(COLUMNS.map((name, place) => [name, place]));

function rowOf(columns: Columns, second: number): Row {
  const place = (name: string): number => PLACE.get(name) ?? 0;
  return {
    get: (name) => columns.get(second, place(name)),
    set: (name, value) => columns.set(second, place(name), value),
    add: (name, value) => columns.add(second, place(name), value),
  };
}
