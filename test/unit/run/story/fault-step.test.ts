import { afterEach, describe, expect, it } from 'vitest';
import { stepsOf } from '../../../../src/core/fault-steps.ts';
import type { FaultGroup, FaultInRound, PlannedFault } from '../../../../src/core/plan.ts';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { runStep, type StepRun } from '../../../../src/run/story/fault-step.ts';
import { drive, planned, type Stage, stage, traces } from '../../chaos/stage.ts';

const THROTTLE = planned('throttle-redis', { latency: '40ms', for: '1s' });
const PAUSE = planned('pause-pod', { service: 'payments', for: '1s' });

const stages: Stage[] = [];
afterEach(() => {
  for (const one of stages.splice(0)) one.cleanUp();
});

interface Told {
  readonly one: Stage;
  readonly before: unknown;
  readonly records: readonly FaultRecord[];
  readonly aborted: readonly string[];
}

async function step(
  how: FaultGroup['how'],
  faults: readonly PlannedFault[],
  options: Parameters<typeof stage>[0] = {},
  act: (one: Stage) => void = () => undefined,
): Promise<Told> {
  const one = stage(options);
  stages.push(one);
  const before = traces(one.target);
  const aborted: string[] = [];
  const stop = new AbortController();
  const run: StepRun = {
    platform: one.world.platform,
    clock: one.clock,
    timers: {},
    probes: one.feed as never,
    journal: one.journal,
    lease: one.lease,
    policy: { optIn: true, protected: [], hours: 'any' },
    stopped: stop.signal,
    report: (event) => void one.events.push(event),
    abort: (why) => {
      aborted.push(why);
      stop.abort(new Error(why));
      return true;
    },
  };
  act(one);
  const group = { name: 'g', how };
  const members = faults.map((fault): FaultInRound => ({ ...fault, round: 1, seed: 7, group }));
  const [first] = stepsOf(members);
  if (first === undefined) throw new Error('no step');
  await drive(
    one.clock,
    runStep(run, first).catch(() => []),
  );
  const records = one.events.flatMap((event) => (event.kind === 'fault-done' ? [event.record] : []));
  return { one, before, records, aborted };
}

const order = (told: Told): string[] =>
  told.one.events.flatMap((event) => ('fault' in event ? [`${event.kind} ${event.fault}`] : []));

describe('a step of a campaign', () => {
  it('of faults one after another begins with each only when the one before is proven gone', async () => {
    const told = await step('then', [PAUSE, THROTTLE]);
    expect(order(told).filter((line) => /applied|removed/.test(line))).toEqual([
      'fault-applied pause-pod',
      'fault-removed pause-pod',
      'fault-applied throttle-redis',
      'fault-removed throttle-redis',
    ]);
    expect(told.records.map((one) => one.status)).toEqual(['injected', 'injected']);
    expect(traces(told.one.target)).toEqual(told.before);
  });

  it('of faults one after another does not begin with the next when one was not injected', async () => {
    const told = await step('then', [THROTTLE, PAUSE], { bypassed: true });
    expect(told.records.map((one) => [one.name, one.status, one.appliedAt === null])).toEqual([
      ['throttle-redis', 'not-injected', false],
      ['pause-pod', 'not-injected', true],
    ]);
    expect(told.records[1]?.injection?.evidence).toBe(
      'its group was given up: throttle-redis was not-injected',
    );
    expect(order(told)).not.toContain('fault-planned pause-pod');
    expect(told.aborted).toEqual([]);
  });

  it('reports which faults belong together to the watch', async () => {
    const told = await step('together', [PAUSE, THROTTLE]);
    const groups = told.one.events.flatMap((event) => (event.kind === 'fault-planned' ? [event.group] : []));
    expect(groups).toEqual([
      { name: 'g', how: 'together' },
      { name: 'g', how: 'together' },
    ]);
  });

  it('together does not abort the run when one is not injected: the group has no data, the rest goes on', async () => {
    const told = await step('together', [THROTTLE, PAUSE], { bypassed: true });
    expect(told.records.map((one) => one.status)).toEqual(['not-injected', 'injected']);
    expect(told.aborted).toEqual([]);
    expect(traces(told.one.target)).toEqual(told.before);
  });

  it.each(['together', 'then'] as const)('%s aborts the run, once, when the lease is lost', async (how) => {
    const told = await step(how, [PAUSE, THROTTLE], {}, (one) => {
      one.target.onStep(() => {
        if (one.events.some((event) => event.kind === 'fault-injected')) one.loseLease('keeper gone');
      });
    });
    expect(told.aborted[0]).toBe('pause-pod was cut short: keeper gone');
    expect(traces(told.one.target)).toEqual(told.before);
  });
});
