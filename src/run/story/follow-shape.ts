/**
 * Runs the segments of a shape: each is a phase, with the boundaries of k6's own schedule. A search ends at
 * the first step that exceeds the limit in the live view, so that no higher rate overloads the target; the
 * result is judged from disk.
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
    // The start of the schedule is fixed some seconds after the first arrivals; until then the time of their
    // first report is used.
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

/** What the last step shows live, about 2.5 s late; undefined when it looks good. */
function overLimit(run: OpenRun, search: CapacitySearch, length: Ms, stepBegan: number): string | undefined {
  const window = run.load.windowed(search.flow, length);
  const end = run.load.windowEnd(search.flow);
  const own = Math.floor(Math.min(length, end - stepBegan) / SLICE_MS) * SLICE_MS;
  // Only the step itself: the window above reaches 2.5 s back into the previous one.
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
