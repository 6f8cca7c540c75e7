/**
 * The load of a run from its start until it has drained, and its observers: abort limits, the watch of the
 * instrument, the live view.
 */
import type { RunEvent, RunEventBody } from '../../core/events.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import { type EpochMs, epochMs, formatMs, ms } from '../../core/units.ts';
import type { LoadSession } from '../../load/load-contract.ts';
import { startLoad } from '../../load/load-session.ts';
import { LiveData } from '../../measure/live-data.ts';
import { RunData } from '../../measure/run-data.ts';
import { watchAborts } from './abort-watch.ts';
import type { RunRequest } from './request.ts';
import { dataRetention, windowRetention } from './retention.ts';
import { present, type RunEnd } from './run-end.ts';
import { watchSelf } from './self-watch.ts';
import { firstArrivals, flushedNow, settle } from './settle.ts';

/** The update interval of the live view. */
const LIVE_VIEW_MS = ms(500);

export interface RunLoadOptions {
  readonly request: RunRequest;
  readonly end: RunEnd;
  report(body: RunEventBody): RunEvent;
  /** Actions that undo what begins here, in reverse order, when the run is closed. */
  onClose(close: () => Promise<void> | void): void;
}

export class RunLoad {
  readonly flows: readonly FlowLoad[];
  readonly data: LiveData;
  /** All of it, for a gate, which evaluates every block again; it grows with the run. */
  readonly recorded: RunData | undefined;
  readonly #options: RunLoadOptions;
  #flushed: ReadonlyMap<string, EpochMs> = new Map();
  readonly #told = new Set<string>();
  #isDraining = false;
  #session: LoadSession | undefined;

  constructor(options: RunLoadOptions) {
    const { plan } = options.request;
    this.#options = options;
    this.data = new LiveData(dataRetention(plan));
    this.recorded = plan.gate === undefined ? undefined : new RunData();
    this.flows = plan.load.flatMap((one) => one.flows);
  }

  /** Only after `start`. */
  get session(): LoadSession {
    return present(this.#session, 'load');
  }

  /** Resolves when every flow has had its first arrival. */
  async start(): Promise<void> {
    const { request, end, report, onClose } = this.#options;
    const { plan, clock, watchers } = request;
    const load = await this.#begin();
    onClose(() => this.#drain(load));
    this.#tellStarted(load);
    await firstArrivals(load.started, this.flows, clock, end.stopped);
    const self = watchSelf(clock, () => [...load.pids().values()], report);
    const aborts = watchAborts(
      { conditions: plan.abort, flows: this.flows, load, clock },
      {
        abort: (why) => end.abort(why),
        blind: (why) => end.fail(why),
        met: (metAt) => void report({ kind: 'abort-condition-met', metAt }),
      },
    );
    const watching = setInterval(() => watchers.flows([...load.live().values()]), LIVE_VIEW_MS);
    onClose(() => aborts.stop());
    onClose(() => self.stop());
    onClose(() => clearInterval(watching));
  }

  /** The load of the plan's second part in place of the first; as `start`. */
  async goOn(): Promise<void> {
    const { request, end } = this.#options;
    const { session } = this;
    try {
      await session.goOn();
    } finally {
      this.#tellStarted(session);
    }
    await firstArrivals(session.started, this.flows, request.clock, end.stopped);
  }

  #tellStarted(load: LoadSession): void {
    for (const [scenario, pid] of load.pids()) {
      if (this.#told.has(scenario)) continue;
      this.#told.add(scenario);
      this.#options.report({ kind: 'load-started', scenario, pid });
    }
  }

  /** Every arrival of the flow that was due before this is in `data` and on disk; 0 while unknown. */
  flushedUntil(flow: string): EpochMs {
    return this.#flushed.get(flow) ?? epochMs(0);
  }

  /** Resolves when every arrival that was due before the instant has its end, and is in `data`. */
  async settled(before: EpochMs): Promise<void> {
    const { request, end } = this.#options;
    const { flows, session } = this;
    const settledUntil = (flow: string): EpochMs => session.settledUntil(flow);
    const open = await settle({ flows, clock: request.clock, stopped: end.stopped, settledUntil }, before);
    if (open.length > 0) end.fail(`samples of ${open.join(', ')} stopped arriving from k6`);
  }

  async #begin(): Promise<LoadSession> {
    const { request, end } = this.#options;
    const { plan, runDir, tools, token, secrets, clock } = request;
    const load = await startLoad({
      plan: plan.load,
      next: plan.faultLoad,
      k6: present(tools.k6, 'k6'),
      seed: plan.seed,
      durationMs: plan.loadBoundMs ?? plan.longestMs,
      runDir,
      clock,
      secrets: { ...token.env(), ...secrets },
      longestWindowMs: windowRetention(plan),
      onFlush: (increments) => {
        this.data.add(increments);
        this.recorded?.add(increments);
        this.#flushed = flushedNow(this.flows, this.#session, clock);
      },
      onProblem: (text) => (this.#isBegun(plan) ? end.abort(text) : end.fail(text)),
      onBound: (name) => this.#boundReached(name),
    });
    this.#session = load;
    load.finished.catch((error: unknown) => end.breakOff(error));
    return load;
  }

  /** Stopping k6 interrupts requests in flight: arrivals that are judged get their answers first. */
  async #drain(load: LoadSession): Promise<void> {
    const { end, report } = this.#options;
    const { at } = report({ kind: 'phase', name: 'drain' });
    this.#isDraining = true;
    if (!end.stopped.aborted) await this.settled(at).catch(() => undefined);
    const { exitCodes, problems } = await load.stop();
    for (const [scenario, exitCode] of Object.entries(exitCodes)) {
      report({ kind: 'load-stopped', scenario, exitCode, expected: problems.length === 0 });
    }
  }

  /** A foreign script that fails in its init code or in `setup` says nothing about the target. */
  #isBegun({ load }: RunRequest['plan']): boolean {
    return load.every((one) => one.foreign === undefined) || this.#session?.scheduleStart() !== null;
  }

  /** By its own bound: a load that we stop, or that dies, does not reach this line. */
  #boundReached(name: string): void {
    const { request, end } = this.#options;
    const bound = formatMs(request.plan.loadBoundMs ?? request.plan.longestMs);
    if (this.#isDraining || request.plan.untilLoadEnds) return;
    if (request.plan.load.some((one) => one.scenario === name && one.flows.some((flow) => flow.foreign?.own)))
      end.fail(`the own schedule of ${name} ended before the run was over`);
    else end.fail(`the load of ${name} reached its bound of ${bound} before the run was over`);
  }
}
