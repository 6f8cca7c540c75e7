/** A running run: its recorder, load, probes, journal and lease, opened in order and closed in reverse. */
import { basename, dirname, join } from 'node:path';
import type { Journal } from '../../chaos/healing/journal.ts';
import type { Lease } from '../../chaos/healing/lease.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import type { RunEventBody } from '../../core/events.ts';
import { baselineRun } from '../../core/gate-recovery.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import { asksIn } from '../../core/objective.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { EpochMs } from '../../core/units.ts';
import { checkScenarios } from '../../load/check-scenarios.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import type { LiveData } from '../../measure/live-data.ts';
import { probeNamed } from '../../protocols/asks.ts';
import { LoopStalls } from '../../system/loop-stalls.ts';
import type { ProbeWatch } from '../../targets/probes/probe-watch.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { BlockRecorder } from './block-recorder.ts';
import { smokeContracts } from './contract-smoke.ts';
import { watchKafka } from './kafka-watch.ts';
import { recordLedger } from './open-ledger.ts';
import { watchReadyInstances } from './ready-watch.ts';
import type { RecordLedger } from './record-ledger.ts';
import { openGuardedFile, openRecorder } from './recorder.ts';
import { requireRenewing } from './renewing-library.ts';
import type { RunRequest } from './request.ts';
import { RunEnd } from './run-end.ts';
import { RunLoad } from './run-load.ts';
import { RunSide, type SideTarget } from './run-side.ts';
import { tokenWatch } from './token-watch.ts';

export interface OpenRun {
  readonly plan: Plan;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly timers: RunRequest['timers'];
  readonly policy: FaultPolicy;
  readonly flows: readonly FlowLoad[];
  readonly data: LiveData;
  /** Of a gate: what `blocks.ndjson` holds so far. */
  readonly blocks: BlockRecorder | undefined;
  /** Of a gate. */
  readonly sides: RunRequest['sides'];
  readonly probes: ProbeWatch;
  readonly journal: Journal;
  readonly lease: Lease;
  /** The other target of a gate with faults; undefined in all other runs. */
  readonly baseline: RunSide | undefined;
  /** Only after `startLoad`. */
  readonly load: LoadSession;
  /** Aborted when the run must end: Ctrl-C, an abort limit, a load that died, a lost lease. */
  readonly stopped: AbortSignal;
  readonly report: (body: RunEventBody) => void;
  /** Ends the run because of trouble of our own: INVALID. */
  fail(why: string): void;
  /** Whether this call ends the run: false when it was ending already. */
  abort(why: string): boolean;
  abortedBecause(): string | null;
  preflight(): Promise<void>;
  startLoad(): Promise<void>;
  /** The load for the faults of a gate in place of that for its blocks. */
  goOn(): Promise<void>;
  /** Share of bad arrivals of a flow in the baseline; 0 before it is known. */
  baselineRatio(flow: string): number;
  knowBaseline(flow: string, ratio: number): void;
  /** Every arrival of the flow that was due before this is in `data` and on disk; 0 while unknown. */
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
  readonly baseline: RunSide | undefined;
  readonly blocks: BlockRecorder | undefined;
  readonly sides: RunRequest['sides'];
  readonly report: (body: RunEventBody) => void;
  readonly #request: RunRequest;
  readonly #recorder: ReturnType<typeof openRecorder>;
  readonly #side: RunSide;
  readonly #end: RunEnd;
  readonly #load: RunLoad;
  readonly #records: RecordLedger | undefined;
  readonly #baseline = new Map<string, number>();
  readonly #closers: (() => Promise<void> | void)[] = [];

  constructor(request: RunRequest) {
    const { plan, clock, runDir, signal } = request;
    this.#request = request;
    this.plan = plan;
    this.clock = clock;
    const onBroken = (error: unknown): void => this.#end.breakOff(error);
    this.#recorder = openRecorder(runDir, clock, (event) => request.watchers.event(event), onBroken);
    this.report = (body) => void this.#recorder.report(body);
    this.#end = new RunEnd({ runDir, signal, report: this.report });
    this.#load = new RunLoad({
      request,
      end: this.#end,
      report: (body) => this.#recorder.report(body),
      onClose: (close) => void this.#closers.push(close),
    });
    this.#records = recordLedger(request, onBroken);
    this.sides = request.sides;
    if (plan.gate !== undefined && this.#load.recorded !== undefined)
      this.blocks = new BlockRecorder({
        file: openGuardedFile(join(runDir, RUN_FILES.blocks), onBroken),
        ...{ run: plan.id, gate: plan.gate, data: this.#load.recorded },
      });
    const stalls = new LoopStalls(() => clock.now()).start();
    this.#closers.push(() => stalls.stop());
    const side = (target: SideTarget, run: string, files: { journal: string; probes: string }): RunSide => {
      const { platform, probeTopology, timers, policy } = target;
      const own = { platform, probeTopology, timers, policy };
      return new RunSide({ ...own, runDir, files, run, places: request.places, clock, stalls, onBroken });
    };
    this.#side = side(request, plan.id, RUN_FILES);
    const { baselineJournal: journal, baselineProbes: probes } = RUN_FILES;
    this.baseline = request.baseline && side(request.baseline, baselineRun(plan.id), { journal, probes });
  }

  get platform(): Platform {
    return this.#side.platform;
  }

  get timers(): RunRequest['timers'] {
    return this.#side.timers;
  }

  get policy(): FaultPolicy {
    return this.#side.policy;
  }

  get probes(): ProbeWatch {
    return this.#side.probes;
  }

  get journal(): Journal {
    return this.#side.journal;
  }

  get stopped(): AbortSignal {
    return this.#end.stopped;
  }

  get lease(): Lease {
    return this.#side.lease;
  }

  get load(): LoadSession {
    return this.#load.session;
  }

  get flows(): readonly FlowLoad[] {
    return this.#load.flows;
  }

  get data(): LiveData {
    return this.#load.data;
  }

  async open(): Promise<void> {
    const { id, campaign, target, seed, longestMs, expectedMs } = this.plan;
    const known = { id, campaign, target, seed, longestMs };
    this.report({ kind: 'run-started', ...known, ...(expectedMs !== undefined && { expectedMs }) });
    for (const side of this.#sides()) await side.open((why) => this.abort(why));
    this.#request.token.listen(tokenWatch(this));
  }

  abort(why: string): boolean {
    return this.#end.abort(why);
  }

  abortedBecause(): string | null {
    return this.#end.abortedBecause;
  }

  fail(why: string): void {
    this.#end.fail(why);
  }

  baselineRatio(flow: string): number {
    return this.#baseline.get(flow) ?? 0;
  }

  knowBaseline(flow: string, ratio: number): void {
    this.#baseline.set(flow, ratio);
  }

  async preflight(): Promise<void> {
    const { places, platform, token, probeTopology } = this.#request;
    for (const name of asksIn(this.plan.objectives)) probeNamed(name, probeTopology);
    const own = this.plan.load.filter((one) => one.foreign === undefined);
    if (own.length === 0) return;
    if (token.isRenewed) requireRenewing(own.map(({ script }) => script));
    this.report({ kind: 'step', text: 'checking the scenarios with tsc' });
    for (const root of rootsOf(own.map(({ script }) => script))) {
      const unchecked = await checkScenarios({ root, places });
      if (unchecked !== null) this.report({ kind: 'step', text: `types are not checked: ${unchecked}` });
    }
    this.report({ kind: 'step', text: 'checking the contracts with one request each' });
    await smokeContracts(this.plan, platform.topology, token.current());
  }

  async startLoad(): Promise<void> {
    const { objectives } = this.plan;
    const watched = { platform: this.platform, objectives, clock: this.clock };
    const report = (body: RunEventBody): void => this.report(body);
    this.#closers.push(await watchReadyInstances({ ...watched, report }));
    const { runDir, probeTopology } = this.#request;
    const ended = watchKafka({
      ...{ plan: this.plan, topology: probeTopology, runDir, clock: this.clock },
      onBroken: (error) => this.#end.breakOff(error),
    });
    if (ended) this.#closers.push(ended);
    await this.#records?.begin();
    await this.#load.start();
  }

  async goOn(): Promise<void> {
    await this.#load.goOn();
  }

  flushedUntil(flow: string): EpochMs {
    return this.#load.flushedUntil(flow);
  }

  async settled(before: EpochMs): Promise<void> {
    await this.#load.settled(before);
  }

  noteInterruption(): void {
    this.#end.noteInterruption();
  }

  /** In reverse order of opening; one failure does not prevent closing the others. */
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
    if (this.#records) {
      this.report({ kind: 'step', text: 'reading the records that were committed' });
      await attempt(() => this.#records?.finish());
    }
    // Behind the load: what was over and had not settled yet has now all its answers.
    await attempt(() => this.blocks?.close());
    for (const side of this.#sides())
      for (const close of side.closers((text) => this.report({ kind: 'step', text }))) await attempt(close);
    this.noteInterruption();
    if (failures.length === 0) this.report({ kind: 'closed', evidence: RUN_FILES.evidence });
    for (const side of this.#sides()) await attempt(() => side.closeFile());
    await attempt(() => this.#recorder.close());
    if (this.#end.notWritable !== undefined) throw this.#end.notWritable;
    if (failures.length > 0) throw new AggregateError(failures, 'the run could not be closed cleanly');
  }

  #sides(): readonly RunSide[] {
    return this.baseline ? [this.#side, this.baseline] : [this.#side];
  }
}

/** The folders above `scenarios/`: what is not in such a folder has no project that tsc could check. */
function rootsOf(scripts: readonly string[]): ReadonlySet<string> {
  const roots = scripts.flatMap((script) => {
    let folder = dirname(script);
    while (basename(folder) !== 'scenarios' && folder !== dirname(folder)) folder = dirname(folder);
    return folder === dirname(folder) ? [] : [dirname(folder)];
  });
  return new Set(roots);
}
