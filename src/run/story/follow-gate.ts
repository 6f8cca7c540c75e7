/**
 * Runs the pairs of a gate: both sides are warmed together, then their blocks alternate as the plan drew it.
 * After each pair that settled it is asked whether more of them can change the answer; what counts is judged
 * from disk.
 */
import { DECIDED_PHASE, type GatePlan, pairPhase } from '../../core/gate.ts';
import type { Phase } from '../../core/result.ts';
import { type EpochMs, epochMs, ms } from '../../core/units.ts';
import { blocksOf } from '../../measure/gate/blocks-of.ts';
import { isDecided } from '../../measure/gate/judge-gate.ts';
import type { RunData } from '../../measure/run-data.ts';
import type { OpenRun } from './open-run.ts';

/** @param recorded all that the load has handed on so far; it grows while this runs. */
export async function followGate(run: OpenRun, gate: GatePlan, recorded: RunData): Promise<void> {
  const firstSeen = run.clock.now();
  const pairMs = 2 * (gate.settleMs + gate.blockMs);
  // The start of the schedule is fixed some seconds after the first arrivals; until then their sighting
  // stands in for it.
  const dueAt = (sinceStartMs: number): EpochMs =>
    epochMs((run.load.scheduleStart() ?? firstSeen) + sinceStartMs);
  const until = async (sinceStartMs: number): Promise<void> =>
    await run.clock.sleep(ms(Math.max(0, dueAt(sinceStartMs) - run.clock.now())), run.stopped);
  run.report({ kind: 'phase', name: 'warmup' });
  await until(gate.leadMs);
  const pairs: Phase[] = [];
  let deciding: Promise<boolean> = Promise.resolve(false);
  for (let index = 0; index < gate.order.length; index += 1) {
    const from = dueAt(gate.leadMs + index * pairMs);
    run.report({ kind: 'phase', name: pairPhase(index + 1) });
    // Looked at while the next pair already runs: its samples come some seconds late.
    const decided = await Promise.race([
      until(gate.leadMs + (index + 1) * pairMs).then(() => 'over'),
      whenTrue(deciding),
    ]);
    if (decided === 'decided') break;
    pairs.push({ name: pairPhase(index + 1), from, to: dueAt(gate.leadMs + (index + 1) * pairMs) });
    deciding = decide(run, gate, [...pairs], recorded);
  }
  run.report({ kind: 'phase', name: DECIDED_PHASE });
  await deciding;
}

async function decide(
  run: OpenRun,
  gate: GatePlan,
  pairs: readonly Phase[],
  recorded: RunData,
): Promise<boolean> {
  await run.settled(pairs.at(-1)?.to ?? epochMs(0));
  const blocks = blocksOf(gate, pairs, recorded);
  const decided = isDecided(blocks, gate);
  run.report({
    kind: 'step',
    text: `pair ${pairs.length} of at most ${gate.order.length}${decided ? ': decided' : ''}`,
  });
  return decided;
}

/** Never resolves for a promise of false: there is nothing to stop for. */
async function whenTrue(promise: Promise<boolean>): Promise<'decided'> {
  if (await promise) return 'decided';
  return await new Promise<never>(() => undefined);
}
