/**
 * The harness dies at every await of every fault, in a simulation that the seed decides. Another seed is drawn each time and
 * printed with what fails; `GAUNTLET_SIMULATION_SEED=N npx vitest run --project unit simulation` plays it again.
 */
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/chaos/fault.ts';
import { FAULTS, faultNamed } from '../../../src/chaos/faults/registry.ts';
import { ms } from '../../../src/core/units.ts';
import { type Scenario, simulate } from './simulation.ts';
import { exampleOf, stage, traces } from './stage.ts';

const SEED = Number(process.env['GAUNTLET_SIMULATION_SEED'] ?? Date.now() % 1_000_000);
/** Longer than two leases: a fault that is not renewed does not last that long. */
const LONG_MS = ms(7000);
const SHORT_MS = ms(200);

const cases = FAULTS.map((fault) => ({ name: fault.name, fault }));
const scenario = (fault: Fault, dieAt: number, holdMs = SHORT_MS): Scenario => ({
  fault,
  seed: SEED,
  dieAt,
  holdMs,
});

describe.each(cases)(`fault $name, seed ${SEED}`, ({ fault }) => {
  it('is held past two leases, ends in time and leaves the keeper nothing to do', async () => {
    const { problems } = await simulate(scenario(fault, 0, LONG_MS));
    expect(problems).toEqual([]);
  });

  it('leaves nothing when the harness dies or is stopped at any await, whoever undoes first', {
    timeout: 120_000,
  }, async () => {
    const { passed } = await simulate(scenario(fault, 0));
    expect(passed).toBeGreaterThan(5);
    const found: Record<string, readonly string[]> = {};
    for (let dieAt = 1; dieAt <= passed; dieAt += 1) {
      const { problems } = await simulate(scenario(fault, dieAt));
      if (problems.length > 0) found[`seed ${SEED}, await ${dieAt}`] = problems;
    }
    expect(found).toEqual({});
  });
});

describe('in containers', () => {
  it.each(['kill-pod', 'pause-pod', 'restart-storm'])('leaves nothing of %s', async (name) => {
    const of = { ...scenario(faultNamed(name), 0), containers: true } as const;
    const { passed } = await simulate(of);
    const found: Record<string, readonly string[]> = {};
    for (let dieAt = 1; dieAt <= passed; dieAt += 1) {
      const { problems } = await simulate({ ...of, dieAt });
      if (problems.length > 0) found[`seed ${SEED}, await ${dieAt}`] = problems;
    }
    expect(found).toEqual({});
  });
});

describe('another machine, without the disk of the one that died,', () => {
  it.each(cases)('leaves nothing of $name', { timeout: 120_000 }, async ({ fault }) => {
    const { passed } = await simulate(scenario(fault, 0));
    const found: Record<string, readonly string[]> = {};
    for (let dieAt = 1; dieAt <= passed; dieAt += 1) {
      const { problems } = await simulate({ ...scenario(fault, dieAt), death: 'machine' });
      if (problems.length > 0) found[`seed ${SEED}, await ${dieAt}`] = problems;
    }
    expect(found).toEqual({});
  });
});

describe('a harness that comes back behind its keeper, acts and dies', () => {
  it.each(['pause-pod', 'redis-maxclients', 'redis-maxmemory'])('leaves nothing of %s', async (name) => {
    const fault = faultNamed(name);
    const { passed } = await simulate(scenario(fault, 0));
    const found: Record<string, readonly string[]> = {};
    for (let dieAt = 1; dieAt <= passed; dieAt += 1) {
      const { problems } = await simulate({ ...scenario(fault, dieAt), death: 'woken' });
      if (problems.length > 0) found[`seed ${SEED}, await ${dieAt}`] = problems;
    }
    expect(found).toEqual({});
  });
});

describe('the seed', () => {
  it('gives the same interleaving again, and another seed another one', async () => {
    const [fault] = FAULTS;
    if (fault === undefined) throw new Error('no fault');
    for (const dieAt of [0, 12, 20]) {
      const first = await simulate(scenario(fault, dieAt));
      const again = await simulate(scenario(fault, dieAt));
      expect(again).toEqual(first);
      const other = await simulate({ ...scenario(fault, dieAt), seed: SEED + 1 });
      expect(other.trace).not.toEqual(first.trace);
    }
  });
});

/** Whether an undo of this fault acts on the target at all; the dead come back without one. */
async function undoActs(fault: Fault): Promise<boolean> {
  const one = stage();
  try {
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    await fault.apply(plan, one.world, ms(3000));
    const before = one.target.acts.length;
    if (plan.undo !== null) await fault.undo(plan.undo, one.world);
    return one.target.acts.length > before;
  } finally {
    one.cleanUp();
  }
}

/** Whether the platform removes it without a renewal. */
async function endsByItself(fault: Fault): Promise<boolean> {
  const one = stage();
  try {
    const inPlace = (): boolean => {
      const { impaired, redis, http } = traces(one.target) as Record<string, unknown>;
      return JSON.stringify([impaired, redis, http]) !== before;
    };
    const { impaired, redis, http } = traces(one.target) as Record<string, unknown>;
    const before = JSON.stringify([impaired, redis, http]);
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    await fault.apply(plan, one.world, ms(3000));
    if (!inPlace()) return false;
    await one.clock.advance(3100);
    return !inPlace();
  } finally {
    one.cleanUp();
  }
}

describe('the simulation is red without', () => {
  it('any one undo', async () => {
    const acting: string[] = [];
    for (const { fault, name } of cases) {
      if (!(await undoActs(fault))) continue;
      acting.push(name);
      const broken = { ...fault, undo: async () => undefined };
      const { problems } = await simulate(scenario(broken, 0, LONG_MS));
      expect(problems, name).not.toEqual([]);
    }
    expect(acting.length).toBeGreaterThan(10);
  });

  it('any one renewal of a fault that its platform ends by itself', async () => {
    const leased: string[] = [];
    for (const { fault, name } of cases) {
      if (!(await endsByItself(fault))) continue;
      leased.push(name);
      const broken: Fault = { ...fault, renew: async () => true };
      const { problems } = await simulate(scenario(broken, 0, LONG_MS));
      expect(problems, name).not.toEqual([]);
    }
    expect(leased.length).toBeGreaterThan(5);
  });

  it.each(['open', 'close'] as const)('the journal line of %s', async (line) => {
    const broken: Scenario['broken'] = (journal) => ({ ...journal, [line]: () => undefined });
    for (const { fault, name } of cases) {
      const { problems } = await simulate({ ...scenario(fault, 0), broken });
      expect(problems, name).not.toEqual([]);
    }
  });

  it.each(['open', 'finish'] as const)('%s of what the target itself keeps', async (step) => {
    const brokenJournal: Scenario['brokenJournal'] = (clusterJournal) => ({
      ...clusterJournal,
      [step]: async () => undefined,
    });
    for (const name of ['redis-maxclients', 'pause-pod']) {
      const fault = faultNamed(name);
      const { passed } = await simulate(scenario(fault, 0));
      const left: string[] = [];
      for (let dieAt = step === 'open' ? 1 : 0; dieAt <= (step === 'open' ? passed : 0); dieAt += 1) {
        const { problems } = await simulate({ ...scenario(fault, dieAt), death: 'machine', brokenJournal });
        left.push(...problems);
      }
      expect(left.join('\n'), name).toMatch(
        step === 'open' ? /^at the end/m : /^the target keeps a journal of r1/m,
      );
    }
  });

  it('the undo on the disk before the act: what no platform ends by itself then stays', async () => {
    const broken: Scenario['broken'] = (journal) => ({ ...journal, open: () => undefined });
    for (const name of ['redis-maxclients', 'pause-pod']) {
      const fault = faultNamed(name);
      const { passed } = await simulate(scenario(fault, 0));
      const left: string[] = [];
      for (let dieAt = 1; dieAt <= passed; dieAt += 1) {
        const { problems } = await simulate({ ...scenario(fault, dieAt), broken });
        left.push(...problems.filter((one) => one.startsWith('at the end')));
      }
      expect(left, name).not.toEqual([]);
    }
  });
});
