/**
 * The load of one run: one k6 per scenario (or several that share it), their samples matched and metered,
 * flushed to the run directory each second. Every k6 that it started is gone when `finished` has settled, and
 * an unrequested end is reported.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GauntletError } from '../core/errors.ts';
import type { LiveFlow } from '../core/live-flow.ts';
import type { ScenarioLoad } from '../core/load-plan.ts';
import type { Ledger } from '../core/result.ts';
import { SLICE_MS } from '../core/samples.ts';
import { type EpochMs, epochMs, type Ms, ms, type Us } from '../core/units.ts';
import type { Windowed } from '../measure/live-window.ts';
import { type Segment, segmentsOf } from '../measure/segments.ts';
import { makeFolder } from '../system/make-folder.ts';
import { FlowSink, liveFlow } from './flow-sink.ts';
import { k6Command } from './k6-command.ts';
import { K6Process } from './k6-process.ts';
import type { K6Usage, LoadOptions, LoadSession } from './load-contract.ts';
import { writeLoadEnd } from './load-end.ts';
import { type LoadFinish, loadEndOf, type ScenarioRun } from './load-finish.ts';
import { RunFiles } from './run-files.ts';
import { ScenarioIngest } from './scenario-ingest.ts';
import { TotalsByFlow } from './totals.ts';

const FLUSH_MS = ms(1000);
const STOP_BOUND_MS = ms(10_000);
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
  readonly started: Promise<void>;
  readonly finished: Promise<LoadFinish>;
  readonly #options: LoadOptions;
  readonly #sink: FlowSink;
  readonly #files: RunFiles;
  readonly #totals = new TotalsByFlow();
  readonly #runs: ScenarioRun[] = [];
  readonly #baseSecond: number;
  readonly #start = deferred<void>();
  readonly #finish = deferred<LoadFinish>();
  readonly #over = new AbortController();
  #waitingFor: number;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#sink = new FlowSink(ms(Math.max(LIVE_MS, options.longestWindowMs ?? KEEP_MS)));
    this.#baseSecond = Math.floor(options.clock.now() / 1000);
    makeFolder(join(options.runDir, 'k6', 'home'));
    this.#files = new RunFiles(options.runDir, this.#baseSecond);
    this.#waitingFor = options.plan.reduce((sum, load) => sum + (load.generators ?? 1), 0);
    this.started = this.#start.promise;
    this.finished = this.#finish.promise;
    // Both may settle before anything awaits them; a later await still gets the rejection.
    this.started.catch(() => undefined);
    this.finished.catch(() => undefined);
  }

  async begin(): Promise<void> {
    try {
      for (const load of this.#options.plan) {
        for (const segment of segmentsOf(load.generators ?? 1)) {
          this.#runs.push(await this.#launch(load, segment));
        }
      }
    } catch (error) {
      this.#killAll();
      await Promise.all(this.#runs.map((run) => run.process.exited));
      this.#files.close();
      throw error;
    }
    const { signal } = this.#options;
    if (signal?.aborted) void this.stop();
    signal?.addEventListener('abort', () => void this.stop(), { once: true });
    this.#attend().then(this.#finish.resolve, (error: unknown) => {
      this.#killAll();
      this.#finish.reject(error);
    });
  }

  slowLimits(limits: ReadonlyMap<string, Us>): void {
    for (const [flow, limit] of limits) this.#sink.meter.setSlowLimit(flow, limit);
  }

  pids(): ReadonlyMap<string, number> {
    return new Map(this.#runs.map((run) => [run.name, run.process.pid]));
  }

  usage(): K6Usage {
    let [cpuMs, rssBytes] = [0, 0];
    for (const run of this.#runs) {
      const usage = run.process.usage();
      if (usage !== undefined) run.cpuMs = usage.cpuMs;
      cpuMs += run.cpuMs;
      rssBytes += usage?.rssBytes ?? 0;
    }
    return { cpuMs, rssBytes };
  }

  async stop(): Promise<LoadFinish> {
    const askedAt = this.#options.clock.now();
    for (const run of this.#runs) run.stopAskedAt ??= askedAt;
    await Promise.all(this.#runs.map((run) => run.process.stop(STOP_BOUND_MS)));
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
    const starts = this.#runs.map((run) => run.ingest.scheduleStart()).filter((at) => at !== null);
    return starts.length === 0 ? null : epochMs(Math.min(...starts));
  }

  settledUntil(flow: string): EpochMs {
    return earliest(this.#ingestsOf(flow).map((one) => one.matcher(flow)?.settledUntil()));
  }

  #rankedUntil(flow: string): EpochMs {
    return earliest(this.#ingestsOf(flow).map((one) => one.matcher(flow)?.rankedUntil()));
  }

  async #launch(load: ScenarioLoad, segment: Segment): Promise<ScenarioRun> {
    const { options, baseSecond } = { options: this.#options, baseSecond: this.#baseSecond };
    // k6 resolves files relative to its script.
    const folder = resolve(options.runDir, 'k6');
    const gracefulStopMs = ms(Math.max(...load.flows.map((flow) => flow.worstStallMs)));
    const name = segment.of === 1 ? load.scenario : `${load.scenario}.${segment.index + 1}-of-${segment.of}`;
    const command = k6Command(load, {
      ...{ k6: options.k6, seed: options.seed, segment, durationMs: options.durationMs, gracefulStopMs },
      home: join(folder, 'home'),
      loadFile: join(folder, `${name}.load.ndjson`),
      secrets: options.secrets ?? {},
    });
    writeFileSync(join(folder, `${name}.load.ndjson`), command.load);
    const shown = { file: command.file, args: command.args, GAUNTLET_LOAD: command.env['GAUNTLET_LOAD'] };
    writeFileSync(join(folder, `${name}.args.json`), `${JSON.stringify(shown, null, 2)}\n`);
    const ingest = new ScenarioIngest({
      ...{ flows: load.flows, segment, durationMs: options.durationMs, sink: this.#sink, baseSecond },
      onFirst: () => {
        this.#waitingFor -= 1;
        if (this.#waitingFor === 0) this.#start.resolve();
      },
    });
    const run: Omit<ScenarioRun, 'process'> = { load, name, ingest, cpuMs: 0, broken: [] };
    const process = await K6Process.start(
      command,
      join(folder, `${name}.stderr`),
      (chunk) => ingest.push(chunk),
      (error) => run.broken.push(error),
    );
    return Object.assign(run, { process });
  }

  /** Flushes once a second until every k6 is gone, then closes the files. */
  async #attend(): Promise<LoadFinish> {
    const flushing = this.#flushEachSecond();
    // Samples that cannot be written are lost: a load without a record only burdens the target.
    flushing.catch(() => this.#killAll());
    const finishes = await Promise.all(this.#runs.map((run) => this.#attendOne(run)));
    this.#over.abort();
    await flushing;
    this.#flush();
    this.#files.close();
    const ledgers: Record<string, Ledger> = {};
    const end = loadEndOf(this.#runs, finishes, this.#sink.meter.clamped);
    for (const [flow, { expected, problems }] of Object.entries(end.flows)) {
      ledgers[flow] = this.#totals.ledger(flow, expected ?? undefined, problems);
    }
    writeLoadEnd(this.#options.runDir, end);
    return { ...end, ledgers };
  }

  async #attendOne(run: ScenarioRun): Promise<Awaited<ScenarioRun['process']['exited']>> {
    const exit = await run.process.exited;
    const goneAt = this.#options.clock.now();
    const askedAt = run.stopAskedAt;
    run.ending = askedAt === undefined ? { kind: 'schedule-over' } : { kind: 'stopped', askedAt, goneAt };
    run.ingest.end(run.ending);
    const [unexpected] = loadEndOf([run], [exit], 0).problems;
    if (unexpected !== undefined) this.#options.onProblem?.(unexpected);
    else if (askedAt === undefined && goesOn(run.load)) this.#options.onBound?.(run.name);
    this.#start.reject(
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
    this.#files.write(increments);
    this.#totals.add(increments.counts);
    this.#options.onFlush?.(increments);
    for (const flow of this.#flows()) this.#sink.window(flow).forget(this.#rankedUntil(flow));
  }

  #killAll(): void {
    for (const run of this.#runs) run.process.kill();
  }

  #flows(): string[] {
    return this.#options.plan.flatMap((load) => load.flows.map((flow) => flow.flow));
  }

  /** Of all processes that share the flow. */
  #ingestsOf(flow: string): ScenarioIngest[] {
    const runs = this.#runs.filter((one) => one.load.flows.some((other) => other.flow === flow));
    if (runs.length === 0) throw defect('flow', `one of ${this.#flows().join(', ')}`, flow);
    return runs.map((run) => run.ingest);
  }
}

/** k6 ends when nothing more is due: a schedule that ends at a rate of 0 is over before its duration. */
const goesOn = ({ flows }: ScenarioLoad): boolean =>
  flows.some(({ schedule: { startRate, stages } }) => (stages.at(-1)?.to ?? startRate) > 0);

/** The value that all processes have reached; undefined before each has reported. */
const earliest = (instants: readonly (EpochMs | undefined)[]): EpochMs =>
  epochMs(Math.min(...instants.map((at) => at ?? Number.NEGATIVE_INFINITY)));

const defect = (subject: string, expected: string, got: string): GauntletError =>
  new GauntletError('defect', [{ subject, expected, got }]);

/** A promise that is settled from outside (Promise.withResolvers, which Node 20 does not have). */
interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // The executor of a promise runs at once, so both functions are assigned.
  return { promise, ...(settle as Pick<Deferred<T>, 'resolve' | 'reject'>) } as Deferred<T>;
}
