/** A run while it happens: its recorder, load, probes, journal and lease, opened in order and closed in reverse. */
import { join } from 'node:path';
import type { FaultPolicy } from '../../core/policy.ts';
import { endJournal } from '../../chaos/healing/cluster-journal.ts';
import { type Journal, createJournal } from '../../chaos/healing/journal.ts';
import { type Lease, startLease } from '../../chaos/healing/lease.ts';
import type { Clock } from '../../core/clock.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RunEventBody } from '../../core/events.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { type EpochMs, epochMs, formatMs, ms } from '../../core/units.ts';
import { checkScenarios } from '../../load/check-scenarios.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import { startLoad } from '../../load/load-session.ts';
import { LiveData } from '../../measure/live-data.ts';
import { LoopStalls } from '../../system/loop-stalls.ts';
import { projectRoot } from '../../system/project.ts';
import { ProbeWatch } from '../../targets/probes/probe-watch.ts';
import { type AbortWatch, watchAborts } from './abort-watch.ts';
import { smokeContracts } from './contract-smoke.ts';
import { firstArrivals, flushedNow, settle } from './settle.ts';
import { dataRetention, windowRetention } from './retention.ts';
import { type GuardedFile, openGuardedFile, openRecorder } from './recorder.ts';
import type { RunRequest } from './request.ts';
import { RUN_FILES, notWritable } from '../evidence/run-directory.ts';
import { endedBy, present } from './run-ends.ts';
import { type SelfWatch, watchSelf } from './self-watch.ts';

/** How often people who watch get new numbers. */
const LIVE_VIEW_MS = ms(500);

export interface OpenRun {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly timers: RunRequest['timers'];
  readonly policy: FaultPolicy;
  readonly flows: readonly FlowLoad[];
  readonly data: LiveData;
  readonly probes: ProbeWatch;
  readonly journal: Journal;
  readonly lease: Lease;
  /** Only after `startLoad`. */
  readonly load: LoadSession;
  /** Aborted when the run must come to its end: Ctrl-C, an abort limit, a load that died, a lost lease. */
  readonly stopped: AbortSignal;
  readonly report: (body: RunEventBody) => void;
  /** Whether this is what ends the run: false when it was being ended already. */
  abort(why: string): boolean;
  /** Ends the run because of trouble of our own: INVALID, and nothing that counts against the target. */
  fail(why: string): void;
  abortedBecause(): string | null;
  preflight(): Promise<void>;
  startLoad(): Promise<void>;
  /** Share of bad arrivals of a flow in the baseline; 0 before it is known. */
  baselineRatio(flow: string): number;
  knowBaseline(flow: string, ratio: number): void;
  /** Every arrival of the flow that was due before this has its end, and is in `data` and on the disk; 0 while nothing is known. */
  flushedUntil(flow: string): EpochMs;
  /** Resolves when every arrival that was due before the instant has its end, and is in `data`. */
  settled(before: EpochMs): Promise<void>;
  /** Reports, once, that a person or the system ended the run. */
  noteInterruption(): void;
  close(): Promise<void>;
}

export async function openRun(request: RunRequest): Promise<OpenRun> {
  const run = new Run(request);
  await run.open();
  return run;
}

class Run implements OpenRun {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly timers: RunRequest['timers'];
  readonly policy: FaultPolicy;
  readonly flows: readonly FlowLoad[];
  readonly data: LiveData;
  readonly probes: ProbeWatch;
  readonly journal: Journal;
  readonly report: (body: RunEventBody) => void;
  readonly #request: RunRequest;
  readonly #recorder: ReturnType<typeof openRecorder>;
  readonly #probeFile: GuardedFile;
  readonly #stop = new AbortController();
  readonly #baseline = new Map<string, number>();
  #flushed: ReadonlyMap<string, EpochMs> = new Map();
  readonly #closers: (() => Promise<void> | void)[] = [];
  #why: string | null = null;
  #interruptionTold = false;
  #draining = false;
  #broken: GauntletError | undefined;
  #lease: Lease | undefined;
  #load: LoadSession | undefined;

  constructor(request: RunRequest) {
    const { plan, clock, platform, runDir } = request;
    this.#request = request;
    this.plan = plan;
    this.clock = clock;
    this.platform = platform;
    this.timers = request.timers;
    this.policy = request.policy;
    this.data = new LiveData(dataRetention(plan));
    this.flows = plan.load.flatMap((one) => one.flows);
    const onBroken = (error: unknown): void => this.#breakOff(error);
    this.#recorder = openRecorder(runDir, clock, (event) => request.watchers.event(event), onBroken);
    this.report = (body) => void this.#recorder.report(body);
    this.#probeFile = openGuardedFile(join(runDir, RUN_FILES.probes), onBroken);
    const stalls = new LoopStalls(() => clock.now()).start();
    this.#closers.push(() => stalls.stop());
    this.probes = new ProbeWatch({
      topology: request.probeTopology,
      clock,
      stalls,
      onSample: (sample) => this.#probeFile.record(sample),
    });
    this.journal = createJournal({
      path: join(runDir, RUN_FILES.journal),
      places: request.places,
      run: plan.id,
      platform: platform.handle,
      clock,
    });
    request.signal.addEventListener('abort', () => this.#stop.abort(request.signal.reason), { once: true });
    if (request.signal.aborted) this.#stop.abort(request.signal.reason);
  }

  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get lease(): Lease {
    return present(this.#lease, 'lease');
  }

  get load(): LoadSession {
    return present(this.#load, 'load');
  }

  async open(): Promise<void> {
    const { plan } = this;
    const { id, campaign, target, seed, longestMs, expectedMs } = plan;
    const known = { id, campaign, target, seed, longestMs };
    this.report({ kind: 'run-started', ...known, ...(expectedMs !== undefined && { expectedMs }) });
    const lease = await startLease({ journal: this.journal.path });
    this.#lease = lease;
    lease.lost.addEventListener('abort', () => this.abort(String(lease.lost.reason)), { once: true });
  }

  abort(why: string): boolean {
    if (this.stopped.aborted) return false;
    this.#why = why;
    this.report({ kind: 'abort', why });
    this.#stop.abort(endedBy(why));
    return true;
  }

  fail(why: string): void {
    if (this.stopped.aborted) return;
    this.report({ kind: 'failed', why });
    this.#stop.abort(endedBy(why));
  }

  abortedBecause(): string | null {
    return this.#why;
  }

  baselineRatio(flow: string): number {
    return this.#baseline.get(flow) ?? 0;
  }

  knowBaseline(flow: string, ratio: number): void {
    this.#baseline.set(flow, ratio);
  }

  flushedUntil(flow: string): EpochMs {
    return this.#flushed.get(flow) ?? epochMs(0);
  }

  async preflight(): Promise<void> {
    const { places, platform, secrets } = this.#request;
    this.report({ kind: 'step', text: 'checking the scenarios with tsc' });
    await checkScenarios({ projectRoot, places });
    this.report({ kind: 'step', text: 'checking the contracts with one request each' });
    await smokeContracts(this.plan, platform.topology, secrets['GATEWAY_TOKEN']);
  }

  async startLoad(): Promise<void> {
    const { runDir, tools, secrets, clock, watchers } = this.#request;
    const load = await startLoad({
      plan: this.plan.load,
      k6: present(tools.k6, 'k6'),
      seed: this.plan.seed,
      durationMs: this.plan.loadBoundMs ?? this.plan.longestMs,
      runDir,
      clock,
      secrets,
      longestWindowMs: windowRetention(this.plan),
      onFlush: (increments) => {
        this.data.add(increments);
        this.#flushed = flushedNow(this.flows, this.#load, clock);
      },
      onProblem: (text) => this.abort(text),
      onBound: (name) => this.#boundReached(name),
    });
    this.#load = load;
    load.finished.catch((error: unknown) => this.#breakOff(error));
    this.#closers.push(async () => {
      const { at } = this.#recorder.report({ kind: 'phase', name: 'drain' });
      this.#draining = true;
      // Stopping k6 interrupts what is under way: arrivals that are judged get their answers first.
      if (!this.stopped.aborted) await this.settled(at).catch(() => undefined);
      const finish = await load.stop();
      for (const [scenario, exitCode] of Object.entries(finish.exitCodes)) {
        this.report({ kind: 'load-stopped', scenario, exitCode, expected: finish.problems.length === 0 });
      }
    });
    for (const [scenario, pid] of load.pids()) this.report({ kind: 'load-started', scenario, pid });
    await firstArrivals(load.started, this.flows, clock, this.stopped);
    const self: SelfWatch = watchSelf(clock, () => [...load.pids().values()], this.report);
    const aborts: AbortWatch = watchAborts(
      { conditions: this.plan.abort, flows: this.flows, load, clock },
      {
        abort: (why) => this.abort(why),
        blind: (why) => this.fail(why),
        met: (metAt) => this.report({ kind: 'abort-condition-met', metAt }),
      },
    );
    const watching = setInterval(() => watchers.flows([...load.live().values()]), LIVE_VIEW_MS);
    this.#closers.push(
      () => aborts.stop(),
      () => self.stop(),
      () => clearInterval(watching),
    );
  }

  async settled(before: EpochMs): Promise<void> {
    const { flows, clock, stopped, load } = this;
    const settledUntil = (flow: string): EpochMs => load.settledUntil(flow);
    const open = await settle({ flows, clock, stopped, settledUntil }, before);
    if (open.length > 0) this.fail(`samples of ${open.join(', ')} stopped arriving from k6`);
  }

  /** By its own bound: a load that is stopped by us, or dies, does not come here. */
  #boundReached(name: string): void {
    const bound = formatMs(this.plan.loadBoundMs ?? this.plan.longestMs);
    if (!this.#draining)
      this.fail(`the load of ${name} reached its bound of ${bound} before the run was over`);
  }

  /** What cannot be written down is not measured: the run comes to its end, undoing what it did. */
  #breakOff(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = error instanceof GauntletError ? error : notWritable(this.#request.runDir, error);
    this.abort(`the run directory cannot be written: ${messageOf(error)}`);
  }

  /** A signal that comes while the load drains cuts it short too: the run is not whole, however far it had come. */
  noteInterruption(): void {
    const { signal } = this.#request;
    const why = signal.reason instanceof GauntletError ? signal.reason : null;
    // A defect ends a run by the same signal and is told as a failure.
    if (!signal.aborted || this.#interruptionTold || why?.kind === 'defect') return;
    this.#interruptionTold = true;
    this.report({ kind: 'interrupted', signal: why?.problems[0]?.got ?? 'a signal' });
  }

  /** In reverse order of opening; one failure does not keep the others from being closed. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (close: () => Promise<void> | void): Promise<void> => {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const close of this.#closers.reverse()) await attempt(close);
    await attempt(() => this.#lease?.release());
    await attempt(() => this.probes.stop());
    await attempt(async () => {
      const left = await endJournal(this.journal, this.platform);
      if (left !== null) this.report({ kind: 'step', text: left });
    });
    this.noteInterruption();
    if (failures.length === 0) this.report({ kind: 'closed', evidence: RUN_FILES.evidence });
    await attempt(() => this.#probeFile.close());
    await attempt(() => this.#recorder.close());
    if (this.#broken !== undefined) throw this.#broken;
    if (failures.length > 0) throw new AggregateError(failures, 'the run could not be closed cleanly');
  }
}
