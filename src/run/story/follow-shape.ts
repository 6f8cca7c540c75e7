/**
 * Runs the segments of a shape: each is a phase, cut where the schedule of k6 itself says. A search ends at
 * the first step that is over the limit as it is seen live, so that no higher rate buries the target; what
 * counts is judged from disk.
 */
import { SLICE_MS } from '../../core/samples.ts';
import type { CapacitySearch, LoadShape } from '../../core/shape.ts';
import { type Ms, ms } from '../../core/units.ts';
import { compare, judgedIn } from '../../measure/abort.ts';
import type { OpenRun } from './open-run.ts';

export async function followShape(run: OpenRun, shape: LoadShape): Promise<void> {
  const firstSeen = run.clock.now();
  let dueMs = 0;
  for (const step of shape.steps) {
    run.report({ kind: 'phase', name: step.phase });
    dueMs += step.lengthMs;
    // The start of the schedule is fixed some seconds after the first arrivals; until then their sighting
    // stands in for it.
    const ended = (run.load.scheduleStart() ?? firstSeen) + dueMs;
    await run.clock.sleep(ms(Math.max(0, ended - run.clock.now())), run.stopped);
    const over = shape.search?.phases.includes(step.phase)
      ? overLimit(run, shape.search, step.lengthMs, ended - step.lengthMs)
      : undefined;
    if (over === undefined) continue;
    run.report({ kind: 'step', text: `${step.phase}: ${over}; no higher rate is tried` });
    break;
  }
}

/** What the last step shows live, some 2.5 s behind, or undefined when it looks good. */
function overLimit(run: OpenRun, search: CapacitySearch, length: Ms, stepBegan: number): string | undefined {
  const window = run.load.windowed(search.flow, length);
  const end = run.load.windowEnd(search.flow);
  const own = Math.floor(Math.min(length, end - stepBegan) / SLICE_MS) * SLICE_MS;
  // Of the step alone: the window above reaches back into the one before it by the 2.5 s that it is behind.
  const seenOfStep = own > 0 ? run.load.windowed(search.flow, ms(own), end) : window;
  if (seenOfStep.due > 0 && seenOfStep.bad === seenOfStep.due) return 'no arrival had a good answer';
  for (const { name, indicator, comparison, limit } of search.conditions) {
    const seen = judgedIn(window, indicator);
    if (seen === null || compare(seen, comparison, limit)) continue;
    if (!Number.isFinite(seen)) return `${name} is missed (too many arrivals failed)`;
    return indicator.kind === 'failed'
      ? `${name} is missed (${(seen * 100).toFixed(1)} %)`
      : `${name} is missed (${seen.toFixed(0)} ms)`;
  }
  return undefined;
}
