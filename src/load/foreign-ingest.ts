/**
 * Turns the samples of a foreign script into arrivals: its rows are gathered by VU into iterations, which its
 * own executors (or the campaign's schedule) make due.
 */
import type { ForeignLoad, ScriptEnd } from '../core/foreign-script.ts';
import type { FlowLoad } from '../core/load-plan.ts';
import { type EpochMs, epochMs, type Ms } from '../core/units.ts';
import type { ArrivalSink } from '../measure/arrival.ts';
import { ArrivalMatcher } from '../measure/arrivals.ts';
import { ClosedArrivals } from '../measure/closed-arrivals.ts';
import type { FlowMatcher } from '../measure/flow-matcher.ts';
import type { ExpectedDue } from '../measure/ledger.ts';
import { arrivalTicks } from '../measure/reserve.ts';
import { type Ticks, ticksOfRates } from '../measure/schedule.ts';
import { WHOLE } from '../measure/segments.ts';
import { expectedDue, type LoadEnding } from './expected-due.ts';
import { TOKEN_REQUEST } from './foreign-entry.ts';
import { ForeignIteration } from './foreign-iteration.ts';
import { type ForeignRow, ForeignRows, tagIn } from './foreign-rows.ts';
import { type Ingest, LAG_NS } from './ingest.ts';
import { matchProblems } from './match-problems.ts';

export interface ForeignIngestOptions {
  readonly flows: readonly FlowLoad[];
  readonly foreign: ForeignLoad;
  /** Of the run's load; a script's own schedule has its own. */
  readonly durationMs: Ms;
  readonly sink: ArrivalSink;
  /** Whole epoch seconds; all times are relative to it. */
  readonly baseSecond: number;
  /** Called once, at the first arrival of any flow: executors may start long after each other. */
  readonly onFirst: () => void;
}

interface Lane {
  readonly flow: FlowLoad;
  readonly matcher: FlowMatcher;
  /** Undefined for a closed executor. */
  readonly ticks: Ticks | undefined;
  withoutRequest: number;
}

/** With `other`, as many as a flow may have. Requests may have a name each, such as a URL with an id. */
const MOST_STEPS = 31;

export class ForeignIngest implements Ingest {
  readonly #lanes = new Map<string, Lane>();
  readonly #rows: ForeignRows;
  readonly #options: ForeignIngestOptions;
  readonly #baseMs: number;
  readonly #open = new Map<number, ForeignIteration>();
  readonly #streams = new Set<string>();
  readonly #steps = new Set<string>();
  readonly #apart = { setup: { requests: 0, failed: 0 }, teardown: { requests: 0, failed: 0 } };
  readonly #unknown = new Map<string, number>();
  #newestNs = 0;
  #firstNs = Number.POSITIVE_INFINITY;
  #isSeen = false;

  constructor(options: ForeignIngestOptions) {
    const { flows, baseSecond, sink, durationMs } = options;
    this.#options = options;
    this.#baseMs = baseSecond * 1000;
    this.#rows = new ForeignRows((row) => this.#row(row), baseSecond);
    for (const flow of flows) {
      const ticks = ticksFor(flow, durationMs);
      const matcher =
        ticks === undefined
          ? new ClosedArrivals(flow.flow, sink, this.#baseMs)
          : new ArrivalMatcher(flow.flow, ticks, sink, this.#baseMs);
      this.#lanes.set(flow.executor, { flow, matcher, ticks, withoutRequest: 0 });
    }
  }

  push(chunk: Buffer): void {
    this.#rows.push(chunk);
    for (const lane of this.#lanes.values()) lane.matcher.advance(this.#newestNs - LAG_NS);
  }

  end(ending: LoadEnding): void {
    this.#rows.end();
    const asked = ending.kind === 'stopped' ? (ending.askedAt - this.#baseMs) * 1e6 : 0;
    for (const lane of this.#lanes.values()) lane.matcher.finish(Math.max(this.#newestNs, asked));
  }

  matcher(flow: string): FlowMatcher | undefined {
    return this.#laneOf(flow)?.matcher;
  }

  newest(): EpochMs {
    return epochMs(this.#baseMs + this.#newestNs / 1e6);
  }

  scheduleStart(): EpochMs | null {
    const starts = [...this.#lanes.values()].map((lane) => lane.matcher.evidence().startNs);
    // A schedule is fitted after 3 s: until then its first arrival says about when it began.
    const known = starts.filter((at) => at !== null);
    const at = known.length === 0 ? this.#firstNs : Math.min(...known);
    return Number.isFinite(at) ? epochMs(this.#baseMs + at / 1e6) : null;
  }

  expectedDue(flow: string, ending: LoadEnding): ExpectedDue | undefined {
    const lane = this.#laneOf(flow);
    if (lane === undefined) return undefined;
    const { own } = lane.flow.foreign ?? {};
    if (lane.ticks !== undefined) {
      const { startNs } = lane.matcher.evidence();
      const wholeNs = (own?.lengthMs ?? this.#options.durationMs) * 1e6;
      return expectedDue({ ticks: lane.ticks, startNs, wholeNs, baseMs: this.#baseMs }, ending);
    }
    const count = own?.iterations;
    return count === undefined || ending.kind === 'stopped' ? undefined : { least: count, most: count };
  }

  problems(flow: string): string[] {
    const lane = this.#laneOf(flow);
    const found = lane === undefined ? [] : matchProblems(lane.matcher.evidence());
    const { count, first } = this.#rows.unreadable;
    if (count > 0) found.push(`${count} lines of k6's stream could not be read, the first was: ${first}`);
    for (const [executor, samples] of this.#unknown) {
      found.push(`${samples} samples of the executor '${executor}', which is not in the plan`);
    }
    return found;
  }

  scriptEnd(): Omit<ScriptEnd, 'crossed'> {
    const lanes = [...this.#lanes.values()].filter((one) => one.withoutRequest > 0);
    const without = lanes.map((one) => [one.flow.flow, one.withoutRequest] as const);
    return { ...this.#apart, withoutRequest: Object.fromEntries(without) };
  }

  #row(row: ForeignRow): void {
    if (row.atNs > this.#newestNs) this.#newestNs = row.atNs;
    if (row.metric === 'vus' || row.name === TOKEN_REQUEST) return;
    if (row.scenario === '') {
      this.#countApart(row);
      return;
    }
    const lane = this.#lanes.get(row.scenario);
    if (lane === undefined) {
      this.#unknown.set(row.scenario, (this.#unknown.get(row.scenario) ?? 0) + 1);
    } else if (row.metric === 'dropped_iterations') {
      for (let left = row.value; left >= 1; left -= 1) lane.matcher.dropped(row.atNs);
      this.#first(row.atNs);
    } else if (row.metric === 'gauntlet_started') {
      this.#open.set(row.vu, new ForeignIteration(row.scenario, row.atNs));
      lane.matcher.started(row.atNs, row.vu, Number.NaN);
      this.#first(row.atNs);
    } else this.#inIteration(row, lane);
  }

  #inIteration(row: ForeignRow, lane: Lane): void {
    const iteration = this.#open.get(row.vu);
    if (iteration?.scenario !== row.scenario) return;
    if (row.metric === 'gauntlet_threw') iteration.threw();
    else if (row.metric === 'checks') iteration.checked(row);
    else if (row.metric === 'http_req_duration') iteration.timed(row);
    else if (row.metric === 'http_req_blocked') iteration.requested(row, this.#stepOf(row));
    else if (row.metric === 'grpc_streams') this.#streams.add(row.name);
    else if (row.metric === 'grpc_req_duration') {
      // Of a stream it is the length of the session.
      if (!this.#streams.has(row.name)) iteration.called(row, this.#stepOf(row));
    } else if (row.metric === 'iteration_duration') {
      this.#open.delete(row.vu);
      this.#ended(iteration, row.vu, lane);
    }
  }

  #ended(iteration: ForeignIteration, vu: number, lane: Lane): void {
    if (!iteration.hasRequests) lane.withoutRequest += 1;
    for (const { name, serviceUs } of iteration.steps()) lane.matcher.stepped(vu, serviceUs, name);
    lane.matcher.answered(vu, iteration.serviceUs(), iteration.outcome());
  }

  /** Empty: none. */
  #stepOf(row: ForeignRow): string {
    const { steps } = this.#options.foreign;
    if (steps === undefined) return '';
    const written =
      steps === 'group'
        ? row.group.replace(/^::/, '')
        : steps === 'name'
          ? row.name
          : tagIn(row.tags, steps.slice('tag:'.length));
    // A comma or a line break would end a field of the histogram log.
    const name = written
      .replace(/[\s,=/]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60);
    if (name === '' || this.#steps.has(name)) return name;
    if (this.#steps.size >= MOST_STEPS) return 'other';
    this.#steps.add(name);
    return name;
  }

  #countApart({ group, metric, expected, status }: ForeignRow): void {
    const where = group.startsWith('::setup') ? 'setup' : group.startsWith('::teardown') ? 'teardown' : null;
    const isHttp = metric === 'http_req_duration';
    if (where === null || !(isHttp || metric === 'grpc_req_duration')) return;
    this.#apart[where].requests += 1;
    if (isHttp ? expected === 'false' : status !== '0') this.#apart[where].failed += 1;
  }

  #first(atNs: number): void {
    this.#firstNs = Math.min(this.#firstNs, atNs);
    if (this.#isSeen) return;
    this.#isSeen = true;
    this.#options.onFirst();
  }

  #laneOf(flow: string): Lane | undefined {
    return [...this.#lanes.values()].find((lane) => lane.flow.flow === flow);
  }
}

/** Undefined: nothing says when an iteration is due. */
function ticksFor(flow: FlowLoad, durationMs: Ms): Ticks | undefined {
  const { own, model } = flow.foreign ?? {};
  if (model === 'closed') return undefined;
  if (own?.arrivals === undefined) return arrivalTicks(flow, durationMs, WHOLE);
  const { unitMs, startRate, targets, durationsMs } = own.arrivals;
  return ticksOfRates({ unitMs, startRate, targets }, durationsMs);
}
