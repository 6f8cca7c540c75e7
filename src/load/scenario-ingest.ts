/**
 * Turns the samples of one k6 process into arrivals: reader, one matcher per executor, and the watermark.
 * Samples are out of order across VUs (k6 collects them in batches), so only events that are older than any
 * pending sample get a rank.
 */
import type { FlowLoad } from '../core/load-plan.ts';
import { type EpochMs, epochMs, type Ms } from '../core/units.ts';
import type { ArrivalSink } from '../measure/arrival.ts';
import { ArrivalMatcher } from '../measure/arrivals.ts';
import type { ExpectedDue } from '../measure/ledger.ts';
import { arrivalTicks } from '../measure/reserve.ts';
import type { Ticks } from '../measure/schedule.ts';
import { type Segment, vuInTest } from '../measure/segments.ts';
import { CsvReader, type K6Sample, type SampleHandler } from './csv-reader.ts';
import { expectedDue, type LoadEnding } from './expected-due.ts';
import { type Ingest, LAG_NS } from './ingest.ts';
import { matchProblems } from './match-problems.ts';

interface Lane {
  readonly flow: FlowLoad;
  readonly ticks: Ticks;
  readonly matcher: ArrivalMatcher;
  seen: boolean;
}

export interface IngestOptions {
  readonly flows: readonly FlowLoad[];
  /** Which ticks of the schedules belong to this process. */
  readonly segment: Segment;
  readonly durationMs: Ms;
  readonly sink: ArrivalSink;
  /** Whole epoch seconds; all times are relative to it. */
  readonly baseSecond: number;
  /** Called once, when every flow has had its first arrival. */
  readonly onFirst: () => void;
}

export class ScenarioIngest implements SampleHandler, Ingest {
  readonly #lanes = new Map<string, Lane>();
  readonly #reader: CsvReader;
  readonly #baseMs: number;
  readonly #durationMs: Ms;
  readonly #segment: Segment;
  readonly #unknown = new Map<string, number>();
  readonly #onFirst: () => void;
  #newestNs = 0;

  constructor({ flows, segment, durationMs, sink, baseSecond, onFirst }: IngestOptions) {
    this.#baseMs = baseSecond * 1000;
    this.#durationMs = durationMs;
    this.#segment = segment;
    this.#onFirst = onFirst;
    this.#reader = new CsvReader(this, baseSecond);
    for (const flow of flows) {
      const ticks = arrivalTicks(flow, durationMs, segment);
      const matcher = new ArrivalMatcher(flow.flow, ticks, sink, this.#baseMs);
      this.#lanes.set(flow.executor, { flow, ticks, matcher, seen: false });
    }
  }

  get lines(): number {
    return this.#reader.lines;
  }

  push(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (const lane of this.#lanes.values()) lane.matcher.advance(this.#newestNs - LAG_NS);
  }

  /** The stream has ended. Open arrivals are interrupted, with the last known instant as their bound. */
  end(ending: LoadEnding): void {
    this.#reader.end();
    const asked = ending.kind === 'stopped' ? (ending.askedAt - this.#baseMs) * 1e6 : 0;
    for (const lane of this.#lanes.values()) lane.matcher.finish(Math.max(this.#newestNs, asked));
  }

  /** The matcher of a flow of this scenario. */
  matcher(flow: string): ArrivalMatcher | undefined {
    return [...this.#lanes.values()].find((lane) => lane.flow.flow === flow)?.matcher;
  }

  /** The newest sample's timestamp. */
  newest(): EpochMs {
    return epochMs(this.#baseMs + this.#newestNs / 1e6);
  }

  /** The earliest start of its executors; null before one is known. */
  scheduleStart(): EpochMs | null {
    const starts = [...this.#lanes.values()].map((lane) => lane.matcher.evidence().startNs);
    const known = starts.filter((at) => at !== null);
    return known.length === 0 ? null : epochMs(this.#baseMs + Math.min(...known) / 1e6);
  }

  /** By the schedule's own formula: how many arrivals of a flow must exist. */
  expectedDue(flow: string, ending: LoadEnding): ExpectedDue | undefined {
    const lane = [...this.#lanes.values()].find((one) => one.flow.flow === flow);
    if (lane === undefined) return undefined;
    const { startNs } = lane.matcher.evidence();
    const staged = lane.flow.schedule.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
    const wholeNs = Math.max(this.#durationMs, staged) * 1e6;
    return expectedDue({ ticks: lane.ticks, startNs, wholeNs, baseMs: this.#baseMs }, ending);
  }

  /** Problems that invalidate the numbers of a flow, as sentences; empty without any. */
  problems(flow: string): string[] {
    const lane = [...this.#lanes.values()].find((one) => one.flow.flow === flow);
    const found = lane === undefined ? [] : matchProblems(lane.matcher.evidence());
    const { count, first } = this.#reader.unreadable;
    if (count > 0) found.push(`${count} lines of k6's stream could not be read, the first was: ${first}`);
    for (const [executor, samples] of this.#unknown) {
      found.push(`${samples} samples of the executor '${executor}', which is not in the plan`);
    }
    return found;
  }

  started(sample: K6Sample): void {
    const lane = this.#laneOf(sample);
    if (lane === undefined) return;
    const isFollowed = lane.flow.records !== undefined;
    lane.matcher.started(sample.atNs, this.#vu(sample), isFollowed ? sample.iteration : Number.NaN);
    if (!lane.seen) this.#first(lane);
  }

  answered(sample: K6Sample): void {
    this.#laneOf(sample)?.matcher.answered(this.#vu(sample), valueUs(sample), sample.word);
  }

  connected(sample: K6Sample): void {
    this.#laneOf(sample)?.matcher.connected(this.#vu(sample), valueUs(sample));
  }

  stepped(sample: K6Sample): void {
    this.#laneOf(sample)?.matcher.stepped(this.#vu(sample), valueUs(sample), sample.word);
  }

  dropped(sample: K6Sample): void {
    const lane = this.#laneOf(sample);
    if (lane === undefined) return;
    lane.matcher.dropped(sample.atNs);
    if (!lane.seen) this.#first(lane);
  }

  pulse(atNs: number): void {
    if (atNs > this.#newestNs) this.#newestNs = atNs;
  }

  /** In the whole test: the number that a script sees. */
  #vu({ vu }: K6Sample): number {
    return vuInTest(vu, this.#segment);
  }

  #first(lane: Lane): void {
    lane.seen = true;
    if ([...this.#lanes.values()].every((one) => one.seen)) this.#onFirst();
  }

  #laneOf({ executor, atNs }: K6Sample): Lane | undefined {
    if (atNs > this.#newestNs) this.#newestNs = atNs;
    const lane = this.#lanes.get(executor);
    if (lane === undefined) this.#unknown.set(executor, (this.#unknown.get(executor) ?? 0) + 1);
    return lane;
  }
}

/** Arrivals are matched in µs with fractions, the precision of k6's timestamps. */
const valueUs = ({ valueMs }: K6Sample): number => valueMs * 1000;
