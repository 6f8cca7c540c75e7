/**
 * The load of one run: one k6 per scenario (or several that share it), their samples matched and metered,
 * flushed to the run directory each second. Every k6 that it started is gone when `finished` has settled, and
 * an unrequested end is reported.
 */
import { join } from 'node:path';
import { GauntletError } from '../core/errors.ts';
import type { LiveFlow } from '../core/live-flow.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Ledger } from '../core/result.ts';
import { SLICE_MS } from '../core/samples.ts';
import { type EpochMs, epochMs, type Ms, ms, type Us } from '../core/units.ts';
import type { Windowed } from '../measure/live-window.ts';
import { makeFolder } from '../system/make-folder.ts';
import { deferred } from './deferred.ts';
import { FlowSink, liveFlow } from './flow-sink.ts';
import { type Ingest, LAG_NS } from './ingest.ts';
import type { K6Exit } from './k6-process.ts';
import { K6Runs, processesOf } from './k6-runs.ts';
import type { K6Usage, LoadOptions, LoadSession } from './load-contract.ts';
import { writeLoadEnd } from './load-end.ts';
import { type LoadFinish, loadEndOf, type ScenarioRun } from './load-finish.ts';
import { RunFiles } from './run-files.ts';

import { TotalsByFlow } from './totals.ts';

const FLUSH_MS = ms(1000);
const LIVE_MS = ms(5000);
const KEEP_MS = ms(300_000);

/**
 * @throws GauntletError 'unavailable' when k6 cannot be started; any process that did start is gone by then.
 */
export async function startLoad(options: LoadOptions): Promise<LoadSession> {
  const session = new Session(options);
  await session.begin();
  return session;
}

class Session implements LoadSession {
  readonly finished: Promise<LoadFinish>;
  readonly #options: LoadOptions;
  readonly #sink: FlowSink;
  readonly #files: RunFiles;
  readonly #totals = new TotalsByFlow();
  readonly #runs: K6Runs;
  /** Whether the load that follows is under way, or will not come any more. */
  readonly #followed = deferred<void>();
  #start = deferred<void>();
  readonly #finish = deferred<LoadFinish>();
  readonly #over = new AbortController();
  #isEnding = false;
  #going: Promise<void> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#sink = new FlowSink(ms(Math.max(LIVE_MS, options.longestWindowMs ?? KEEP_MS)));
    const baseSecond = Math.floor(options.clock.now() / 1000);
    this.#runs = new K6Runs(options, this.#sink, baseSecond);
    makeFolder(join(options.runDir, 'k6', 'home'));
    const isFollowed = options.plan.some((one) => one.flows.some((flow) => flow.records !== undefined));
    this.#files = new RunFiles(options.runDir, baseSecond, isFollowed);
    this.finished = this.#finish.promise;
    if (options.next === undefined) this.#followed.resolve();
  }

  async begin(): Promise<void> {
    try {
      await this.#launch(this.#options.plan);
    } catch (error) {
      this.#runs.kill();
      await Promise.all(this.#runs.all.map((run) => run.process.exited));
      this.#files.close();
      throw error;
    }
    const { signal } = this.#options;
    if (signal?.aborted) void this.stop();
    signal?.addEventListener('abort', () => void this.stop(), { once: true });
    this.#attend().then(this.#finish.resolve, (error: unknown) => {
      this.#runs.kill();
      this.#finish.reject(error);
    });
  }

  get started(): Promise<void> {
    return this.#start.promise;
  }

  async goOn(): Promise<void> {
    const { next } = this.#options;
    if (next === undefined) throw defect('load', 'one that follows', 'none');
    this.#going = this.#follow(next);
    await this.#going;
  }

  slowLimits(limits: ReadonlyMap<string, Us>): void {
    for (const [flow, limit] of limits) this.#sink.meter.setSlowLimit(flow, limit);
  }

  pids(): ReadonlyMap<string, number> {
    return this.#runs.pids();
  }

  usage(): K6Usage {
    return this.#runs.usage();
  }

  async stop(): Promise<LoadFinish> {
    this.#isEnding = true;
    // What is about to be started must be there to be stopped.
    await this.#going?.catch(() => undefined);
    await this.#runs.stop();
    this.#followed.resolve();
    return this.finished;
  }

  live(): ReadonlyMap<string, LiveFlow> {
    return new Map(
      this.#flows().map((flow) => {
        const window = liveFlow(flow, this.windowed(flow, LIVE_MS), LIVE_MS);
        return [flow, { ...window, droppedTotal: this.#totals.dropped(flow) }];
      }),
    );
  }

  windowEnd(flow: string): EpochMs {
    return epochMs(Math.floor(this.#rankedUntil(flow) / SLICE_MS) * SLICE_MS);
  }

  windowed(flow: string, windowMs: Ms, end: EpochMs = this.#rankedUntil(flow)): Windowed {
    const window = this.#sink.window(flow);
    if (windowMs > window.keepMs) {
      const subject = `window of ${flow}`;
      throw defect(subject, `at most ${window.keepMs} ms`, `${windowMs} ms`);
    }
    const ingests = this.#ingestsOf(flow);
    const pending = ingests.flatMap((one) => one.matcher(flow)?.unresolved() ?? []);
    // The age that the slowest reporter confirms: an answer may be in a batch that is still in transit.
    const now = earliest(ingests.map((one) => one.newest()));
    return window.read(end, windowMs, pending, now);
  }

  scheduleStart(): EpochMs | null {
    return this.#runs.scheduleStart();
  }

  settledUntil(flow: string): EpochMs {
    const settled = earliest(this.#ingestsOf(flow).map((one) => one.matcher(flow)?.settledUntil()));
    // Nothing was due of a load that follows another before its first arrival, which k6 tells within its lag.
    const isQuiet = this.#runs.isNext && settled === Number.NEGATIVE_INFINITY;
    return isQuiet ? epochMs(this.#options.clock.now() - LAG_NS / 1e6) : settled;
  }

  #rankedUntil(flow: string): EpochMs {
    return earliest(this.#ingestsOf(flow).map((one) => one.matcher(flow)?.rankedUntil()));
  }

  async #follow(next: readonly ScenarioLoad[]): Promise<void> {
    await this.#runs.stop();
    try {
      if (this.#isEnding) return;
      this.#start = deferred();
      await this.#launch(next);
    } finally {
      this.#followed.resolve();
    }
  }

  async #launch(plan: readonly ScenarioLoad[]): Promise<void> {
    const start = this.#start;
    let waitingFor = processesOf(plan);
    await this.#runs.launch(plan, () => {
      waitingFor -= 1;
      if (waitingFor === 0) start.resolve();
    });
  }

  /** Flushes once a second until every k6 is gone, then closes the files. */
  async #attend(): Promise<LoadFinish> {
    const flushing = this.#flushEachSecond();
    // Samples that cannot be written are lost: a load without a record only burdens the target.
    flushing.catch(() => this.#runs.kill());
    const { all } = this.#runs;
    const finishes: K6Exit[] = [];
    while (finishes.length < all.length) {
      const start = this.#start;
      const attended = all.slice(finishes.length).map((run) => this.#attendOne(run, start.reject));
      finishes.push(...(await Promise.all(attended)));
      await this.#followed.promise;
    }
    this.#over.abort();
    await flushing;
    this.#flush();
    this.#files.close();
    const ledgers: Record<string, Ledger> = {};
    const end = loadEndOf(all, finishes, this.#sink.meter.clamped);
    for (const [flow, { expected, problems }] of Object.entries(end.flows)) {
      ledgers[flow] = this.#totals.ledger(flow, expected ?? undefined, problems);
    }
    writeLoadEnd(this.#options.runDir, end);
    return { ...end, ledgers };
  }

  /** @param never called when the process is gone: what waits for its first arrival waits in vain. */
  async #attendOne(run: ScenarioRun, never: (reason: unknown) => void): Promise<K6Exit> {
    const exit = await run.process.exited;
    const goneAt = this.#options.clock.now();
    const askedAt = run.stopAskedAt;
    run.ending = askedAt === undefined ? { kind: 'schedule-over' } : { kind: 'stopped', askedAt, goneAt };
    run.ingest.end(run.ending);
    const [unexpected] = loadEndOf([run], [exit], 0).problems;
    if (unexpected !== undefined) this.#options.onProblem?.(unexpected);
    else if (askedAt === undefined && goesOn(run.load)) this.#options.onBound?.(run.name);
    never(
      new GauntletError('unavailable', [
        { subject: 'load', expected: 'an arrival of every flow', got: unexpected ?? 'the end of k6' },
      ]),
    );
    return exit;
  }

  async #flushEachSecond(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await this.#options.clock.sleep(FLUSH_MS, signal).catch(() => undefined);
      if (!signal.aborted) this.#flush();
    }
  }

  #flush(): void {
    this.usage();
    const increments = this.#sink.meter.flush();
    this.#files.write(increments, this.#sink.answers.flush());
    this.#totals.add(increments.counts);
    this.#options.onFlush?.(increments);
    for (const flow of this.#flows()) this.#sink.window(flow).forget(this.#rankedUntil(flow));
  }

  #flows(): string[] {
    return this.#options.plan.flatMap((load) => load.flows.map((flow) => flow.flow));
  }

  /** Of all processes that share the flow. */
  #ingestsOf(flow: string): Ingest[] {
    const found = this.#runs.ingestsOf(flow);
    if (found.length === 0) throw defect('flow', `one of ${this.#flows().join(', ')}`, flow);
    return found;
  }
}

/** k6 ends when nothing more is due: a schedule that ends at a rate of 0 is over before its duration. */
const goesOn = ({ flows }: ScenarioLoad): boolean =>
  flows.some(({ foreign }) => foreign?.own !== undefined) ||
  flows.some(({ schedule: { startRate, stages } }) => (stages.at(-1)?.to ?? startRate) > 0);

/** The value that all processes have reached; undefined before each has reported. */
const earliest = (instants: readonly (EpochMs | undefined)[]): EpochMs =>
  epochMs(Math.min(...instants.map((at) => at ?? Number.NEGATIVE_INFINITY)));

const defect = (subject: string, expected: string, got: string): GauntletError =>
  new GauntletError('defect', [{ subject, expected, got }]);
