/** One load shared by several real k6 processes: exactly the arrivals of one, in one ledger, and no id twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ArrivalSchedule, ScenarioLoad } from '../../src/core/load-plan.ts';
import { ms, perSecond } from '../../src/core/units.ts';
import { startLoad } from '../../src/load/load-session.ts';
import { readRunData } from '../../src/load/read-run-data.ts';
import { RunData } from '../../src/measure/run-data.ts';
import { dueTicks, heldUntil } from '../../src/measure/schedule.ts';
import { vusForSegments } from '../../src/measure/segments.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { projectRoot } from '../../src/system/project.ts';
import { httpStub, processed } from './support-scenarios/stubs.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const FLOW = 'gateway.intentions';
let k6: string;
const stops: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  k6 = (await requireTestTools(['k6'])).k6 ?? '';
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Both schedules end half a period (17 ms) behind a tick: whether k6 still runs one at the very end is a race. */
const DURATION_MS = 3950;
const constant: ArrivalSchedule = { startRate: perSecond(30), stages: [] };
const ramp: ArrivalSchedule = {
  startRate: perSecond(10),
  stages: [
    { to: perSecond(100), durationMs: ms(1400) },
    { to: perSecond(30), durationMs: ms(1000) },
  ],
};

async function run(schedule: ArrivalSchedule, generators: number) {
  const gateway = await httpStub(() => ({ status: 200, body: processed }));
  const runDir = mkdtempSync(join(tmpdir(), 'gauntlet-segments-'));
  stops.push(gateway.stop, () => rmSync(runDir, { recursive: true }));
  const vus = vusForSegments(40, generators);
  const flow = { flow: FLOW, executor: 'gateway_intentions', schedule, vus, worstStallMs: ms(2000) };
  const plan: ScenarioLoad = {
    scenario: 'gateway-intentions',
    script: join(projectRoot, 'scenarios', 'gateway-intentions.ts'),
    flows: [flow],
    generators,
    env: { GAUNTLET_RUN_ID: 'segments', GAUNTLET_ADDRESS_GATEWAY: gateway.url },
  };
  const data = new RunData();
  const session = await startLoad({
    ...{ plan: [plan], k6, seed: 1, durationMs: ms(DURATION_MS), runDir, clock: monotonicClock },
    onFlush: (increments) => data.add(increments),
  });
  const pids = session.pids();
  await session.started;
  const end = await session.finished;
  const ids = gateway.seen.map(
    (one) => (JSON.parse(one.body.toString('utf8')) as { correlation_id: string }).correlation_id,
  );
  return { end, data, pids, ids, stored: readRunData(runDir) };
}

describe.each([1, 2, 3, 4])('a load shared by %d k6 processes', (generators) => {
  it.each([
    ['a constant rate', constant],
    ['a ramp', ramp],
  ])('has exactly the arrivals that %s holds, each with an id of its own', async (_, schedule) => {
    const { end, data, pids, ids, stored } = await run(schedule, generators);
    const due = dueTicks(heldUntil(schedule, ms(DURATION_MS)), DURATION_MS);
    expect(end.ledgers[FLOW]).toEqual({
      ...{ due, started: due, dropped: 0, completed: due, interrupted: 0 },
      ...{ balanced: true, problems: [] },
    });
    expect(new Set(ids).size).toBe(due);
    expect(pids.size).toBe(generators);
    expect(Object.values(end.exitCodes)).toEqual(Array.from({ length: generators }, () => 0));
    // Striped otherwise, the k-th event of a process would be ranked by a wrong tick: whole periods early or late.
    const { from, to } = data.span();
    const seconds = Array.from({ length: to - from }, (_unused, index) => from + index);
    const lateness = data.histogram(FLOW, 'lateness', seconds);
    const lateMs = [0.5, 0.9].map((q) => (lateness.valueAtQuantile(q) ?? Number.NaN) / 1000);
    console.log('lateness P50, P90 in ms', { generators, lateMs });
    expect(lateMs[0]).toBeLessThan(8);
    expect(stored.data.totals(FLOW)).toEqual(data.totals(FLOW));
  });
});
