/**
 * The steady state before any fault: each flow's P99 and failed share over the baseline, and from it the
 * limit above which an arrival counts as slow. A system that is broken before the first fault gets no fault.
 */
import type { EpochMs } from '../../core/units.ts';
import { epochMs, type Us, us } from '../../core/units.ts';
import { BROKEN_SHARE } from '../../measure/broken.ts';
import type { OpenRun } from './open-run.ts';

/**
 * Twice the baseline's P99, and at least 100 ms above it: with less, the noise of a small machine counts as a
 * fault.
 */
const SLOW_FACTOR = 2;
const SLOW_MARGIN_US = 100_000;

export async function measureBaseline(run: OpenRun): Promise<void> {
  const broken = await learnBaseline(run);
  if (broken.length > 0 && run.plan.faults.length > 0) {
    run.abort(`no steady state to disturb, so no fault was injected (${broken.join('; ')})`);
  }
}

/** @returns why there is no steady state, flow by flow; empty when there is one. */
export async function learnBaseline(run: OpenRun): Promise<readonly string[]> {
  const until = run.clock.now();
  const from = epochMs(until - run.plan.baselineMs);
  const limits = new Map<string, Us>();
  const broken: string[] = [];
  await run.settled(until);
  for (const { flow } of run.flows) {
    const facts = baselineOf(run, flow, from, until);
    if (facts === null) {
      broken.push(`${flow}: no arrival was answered`);
      continue;
    }
    const { p99Us, failedRatio } = facts;
    run.knowBaseline(flow, failedRatio);
    const slowUs = us(Math.max(SLOW_FACTOR * p99Us, p99Us + SLOW_MARGIN_US));
    limits.set(flow, slowUs);
    run.report({ kind: 'baseline', flow, p99Us, failedRatio, slowUs });
    if (failedRatio > BROKEN_SHARE) broken.push(`${flow}: ${(failedRatio * 100).toFixed(1)} % failed`);
  }
  run.load.slowLimits(limits);
  return broken;
}

function baselineOf(run: OpenRun, flow: string, from: EpochMs, until: EpochMs) {
  const { p99Us, due, failed, dropped } = run.data.steady(flow, { name: 'baseline', from, to: until });
  if (p99Us === null || due === 0) return null;
  return { p99Us, failedRatio: (failed + dropped) / due };
}
