/**
 * A run on a virtual clock, from the first arrival to some seconds after the watch: arrivals are due, answered, metered and flushed,
 * probes ask and are answered, each known only when a run would know it. What it writes is read back as a report reads it.
 */
import type { RunEvent, RunEventBody } from '../../../../src/core/events.ts';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { seededRng } from '../../../../src/core/rng.ts';
import type { ProbeSample } from '../../../../src/core/samples.ts';
import { type EpochMs, epochMs, ms, us } from '../../../../src/core/units.ts';
import { LiveData } from '../../../../src/measure/live-data.ts';
import { Meter } from '../../../../src/measure/meter.ts';
import { RunData } from '../../../../src/measure/run-data.ts';
import { watchRecovery } from '../../../../src/run/story/recovery-watch.ts';
import { recoveriesOf, watchEnd } from '../../../../src/run/verdict/recoveries.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

export const FLOW = 'gateway.intentions';
const BEGIN = 1_800_000_000_000;
/** The act; the fault is removed two seconds later. */
const APPLIED = BEGIN + 5000;
const REMOVED = APPLIED + 2000;

export interface ScriptedRun {
  readonly seed: number;
  readonly ratePerSecond: number;
  /** From the act on, in seconds. */
  readonly outage: number;
  /** Share of arrivals, and of answers of probes, that fail in it. */
  readonly failing: number;
  /** A second outage, in seconds from the act. */
  readonly relapse: { readonly from: number; readonly length: number };
  /** Of quiet times. */
  readonly strayFailures: number;
  readonly straySlow: number;
  readonly holdMs: number;
}

interface Arrival {
  readonly due: number;
  readonly end: number;
  readonly ok: boolean;
}

/** Everything that will have happened, known or not. */
function happenings(script: ScriptedRun) {
  const rng = seededRng(script.seed);
  const { from, length } = script.relapse;
  const isOut = (at: number): boolean => {
    const second = (at - APPLIED) / 1000;
    return (second >= 0 && second < script.outage) || (second >= from && second < from + length);
  };
  const fails = (at: number): boolean => rng.next() < (isOut(at) ? script.failing : script.strayFailures);
  const arrivals: Arrival[] = [];
  for (let due = BEGIN; due < BEGIN + 60_000; due += 1000 / script.ratePerSecond) {
    const ok = !fails(due);
    const took = ok ? (rng.next() < script.straySlow ? 900 : 20) : rng.next() < 0.5 ? 3000 : 10;
    arrivals.push({ due, end: due + took, ok });
  }
  const probes: ProbeSample[] = [];
  for (let at = BEGIN; at < BEGIN + 60_000; at += 100) {
    for (const connection of ['held', 'fresh'] as const) {
      const ok = !fails(at);
      const tookMs = ok
        ? rng.next() < script.straySlow
          ? 60 + 40 * rng.next()
          : 2
        : rng.next() < 0.5
          ? 400
          : 1;
      const outcome = ok ? 'ok' : 'stalled';
      probes.push({ probe: 'redis', connection, at: epochMs(at), tookMs, ok, outcome });
    }
  }
  return { arrivals, probes };
}

const record: FaultRecord = {
  name: 'throttle-redis',
  kind: 'throttle-redis',
  victim: 'redis',
  ...{ plannedAt: APPLIED - 500, appliedAt: APPLIED, injectedAt: APPLIED + 300, removedAt: REMOVED },
  ...{ status: 'injected', injection: null, removal: null, lease: null, recovery: {}, pod: null, timers: [] },
};

/** The load side: flushed once a second, ranked 2.5 s behind, an answer known one second after it came. */
class Load {
  readonly live = new LiveData(ms(60_000));
  readonly disk: string[] = [];
  readonly #meter = new Meter();
  #open: Arrival[] = [];
  #next = 0;
  #settled = 0;

  constructor() {
    this.#meter.setSlowLimit(FLOW, us(500_000));
  }

  flush(arrivals: readonly Arrival[], now: number): void {
    for (let one = arrivals[this.#next]; one && one.due < now - 2500; one = arrivals[this.#next]) {
      this.#meter.due(FLOW, epochMs(one.due), 'started');
      this.#open.push(one);
      this.#next += 1;
    }
    const isKnown = (one: Arrival): boolean => one.end < now - 1000;
    for (const one of this.#open.filter(isKnown)) this.#answer(one);
    this.#open = this.#open.filter((one) => !isKnown(one));
    this.#settled = Math.min(now - 2500, ...this.#open.map((one) => one.due));
    const increments = this.#meter.flush();
    this.live.add(increments);
    for (const slice of increments.slices) this.disk.push(JSON.stringify(slice));
  }

  flushedUntil = (): EpochMs => epochMs(this.#settled);

  #answer({ due, end, ok }: Arrival): void {
    this.#meter.resolved({
      ...{ flow: FLOW, dueAt: epochMs(due), kind: 'completed', latenessUs: 0, connectUs: null },
      ...{ serviceUs: (end - due) * 1000, responseUs: (end - due) * 1000, outcome: ok ? 'ok' : 'http-503' },
    });
  }
}

/** The live reports of a run, and the results from its folder. */
export async function liveAndDisk(script: ScriptedRun) {
  const { arrivals, probes } = happenings(script);
  const clock = new VirtualClock(BEGIN);
  const load = new Load();
  const events: RunEvent[] = [];
  const report = (body: RunEventBody): void =>
    void events.push(
      JSON.parse(JSON.stringify({ ...body, at: clock.now(), wall: clock.wall() })) as RunEvent,
    );
  const moveOn = async (): Promise<void> => {
    await clock.advance(1000);
    load.flush(arrivals, clock.now());
  };
  while (clock.now() < REMOVED + 300) await moveOn();
  const isAnswered = (one: ProbeSample): boolean => one.at + one.tookMs <= clock.now();
  const underWay = (): number[] =>
    probes.filter((one) => one.at <= clock.now() && !isAnswered(one)).map((one) => one.at);
  const watch = { over: false };
  const watching = watchRecovery(
    {
      ...{ clock, report, flows: [{ flow: FLOW }], data: load.live, flushedUntil: load.flushedUntil },
      stopped: new AbortController().signal,
      baselineRatio: () => script.strayFailures,
      plan: { objectives: [], recovery: { holdMs: ms(script.holdMs), timeoutMs: ms(15_000) } },
      probes: {
        since: (name, connection, at) =>
          probes.filter(
            (one) => one.probe === name && one.connection === connection && one.at >= at && isAnswered(one),
          ),
        settledUntil: () => epochMs(Math.min(clock.now(), ...underWay())),
      },
    },
    [record],
  ).finally(() => {
    watch.over = true;
  });
  while (!watch.over) await moveOn();
  await watching;
  for (let second = 0; second < 6; second += 1) await moveOn();

  const data = new RunData();
  for (const line of load.disk) data.addSlice(JSON.parse(line) as Parameters<RunData['addSlice']>[0]);
  const written = probes.filter(isAnswered).sort((a, b) => a.at + a.tookMs - (b.at + b.tookMs));
  const disk = recoveriesOf({
    ...{
      record,
      asks: [],
      flows: [FLOW],
      data,
      holdMs: script.holdMs,
      baselineRatio: () => script.strayFailures,
    },
    probes: JSON.parse(JSON.stringify(written)) as ProbeSample[],
    until: watchEnd(record, { flows: [FLOW], events, records: [record], phases: [] }),
  });
  return { events, disk };
}
