/**
 * The faults of a gate, after its last pair of blocks: each is injected into both targets, one after the
 * other, held, undone and watched until the clients of that target are back, by the same injector, journal
 * and watch as in any run. What counts is judged from disk.
 */
import type { RunEventBody } from '../../core/events.ts';
import { type FaultStep, stepsOf } from '../../core/fault-steps.ts';
import { flowOn, type GatePlan, type GateSide } from '../../core/gate.ts';
import type { FaultInRound } from '../../core/plan.ts';
import { type FaultRecord, whyNotInjected } from '../../core/result.ts';
import { epochMs } from '../../core/units.ts';
import { MOST_DROPPED } from '../../measure/gate/gate-levels.ts';
import { USUAL_MS } from '../verdict/recoveries.ts';
import { learnBaseline } from './baseline.ts';
import { runStep, type StepRun } from './fault-step.ts';
import type { OpenRun } from './open-run.ts';
import { watchRecovery } from './recovery-watch.ts';

export async function playFaultPairs(run: OpenRun, gate: GatePlan): Promise<void> {
  const { recovery } = gate;
  if (recovery === undefined) return;
  run.report({ kind: 'step', text: 'both sides get their whole load for the faults' });
  await run.goOn();
  await run.clock.sleep(gate.settleMs, run.stopped);
  run.report({ kind: 'phase', name: 'baseline' });
  await run.clock.sleep(run.plan.baselineMs, run.stopped);
  const broken = await learnBaseline(run);
  // On one side alone it would be an unequal comparison, whichever side that is.
  if (broken.length > 0)
    return run.fail(`no steady state to disturb, so no fault was injected (${broken.join('; ')})`);
  const dropped = new Map<string, number>();
  const most = recovery.pairs * MOST_DROPPED;
  for (const steps of pairsOf(run.plan.faults)) {
    const end = await playPair(run, gate, steps);
    if (end === 'residue') return;
    if (end === 'kept') continue;
    const name = nameOf(steps[0]);
    dropped.set(name, (dropped.get(name) ?? 0) + 1);
    // So many that whatever comes is INVALID: nothing more is hurt for it.
    if ((dropped.get(name) ?? 0) > most) return;
  }
}

type Step = FaultStep<FaultInRound>;

/** Two steps that follow each other are one pair: the same fault on both sides. */
function pairsOf(faults: readonly FaultInRound[]): readonly (readonly Step[])[] {
  const steps = stepsOf(faults);
  return steps.flatMap((step, index) =>
    index % 2 === 0 ? [[step, ...steps.slice(index + 1, index + 2)]] : [],
  );
}

const nameOf = (step: Step | undefined): string =>
  (step?.group?.name ?? step?.members[0]?.name ?? '').split('@')[0] ?? '';

/** The other side of a pair that says nothing is left alone. */
async function playPair(
  run: OpenRun,
  gate: GatePlan,
  steps: readonly Step[],
): Promise<'kept' | 'dropped' | 'residue'> {
  for (const step of steps) {
    const records = await playSide(run, gate, step);
    if (records.some((one) => one.status === 'residue')) return 'residue';
    if (records.some((one) => whyNotInjected(one) !== null || one.cutShort)) return 'dropped';
  }
  return 'kept';
}

async function playSide(run: OpenRun, gate: GatePlan, step: Step): Promise<readonly FaultRecord[]> {
  const side = step.members[0]?.side ?? 'candidate';
  const target = targetOf(run, side);
  const flows = gate.recovery?.flows.map((flow) => ({ flow: flowOn(flow, side) })) ?? [];
  run.stopped.throwIfAborted();
  const begin = run.clock.now();
  const forget = [run.data.hold(begin), target.probes.hold(epochMs(begin - USUAL_MS))];
  const records = await runStep(target, step);
  run.stopped.throwIfAborted();
  await watchRecovery(
    {
      ...{ clock: run.clock, stopped: run.stopped, report: run.report, plan: run.plan, data: run.data },
      ...{ flows, probes: target.probes },
      baselineRatio: (flow) => run.baselineRatio(flow),
      flushedUntil: (flow) => run.flushedUntil(flow),
    },
    records,
  );
  for (const one of forget) one();
  return records;
}

/**
 * A fault that did not last as planned drops its pair, where another run would end: only a lost lease ends a
 * gate, and does that by itself.
 */
function targetOf(run: OpenRun, side: GateSide): StepRun {
  const { platform, timers, policy, probes, journal, lease } =
    side === 'baseline' && run.baseline !== undefined ? run.baseline : run;
  const report = (body: RunEventBody): void =>
    run.report(body.kind === 'abort' ? { kind: 'step', text: body.why } : body);
  return {
    ...{ platform, timers, policy, probes, journal, lease, report },
    ...{ clock: run.clock, stopped: run.stopped },
    abort(why) {
      run.report({ kind: 'step', text: `${why}; the pair is dropped` });
      return false;
    },
  };
}
