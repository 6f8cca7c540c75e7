/** One suite over every registered fault. It knows no fault by name: a new one passes all of it or cannot be added. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/chaos/fault.ts';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import { openEntries, readJournal } from '../../../src/chaos/healing/journal.ts';
import { describeParameters } from '../../../src/chaos/parameters.ts';
import { type ActName, changingActs, groupOf } from '../../../src/core/acts/act-names.ts';
import { ms } from '../../../src/core/units.ts';
import { isOffered } from '../../../src/kube/guard/permissions.ts';
import { gated } from './gates.ts';
import { drive, exampleOf, stages, traces } from './stage.ts';

const newStageOf = stages();

/** Where instances are processes, as in the sandbox, pods, or containers of a Docker engine. */
const WORLDS = [
  { where: 'processes', pods: false, containers: false },
  { where: 'pods', pods: true, containers: false },
  { where: 'containers', pods: false, containers: true },
] as const;

const actsIn = (
  fault: Fault,
  { pods, containers }: { pods?: boolean; containers?: boolean },
): readonly ActName[] =>
  (pods
    ? fault.permissionsInPods
    : containers
      ? (fault.permissionsInContainers ?? fault.permissionsByLinks)
      : undefined) ?? fault.permissions;
const isOfPods = (fault: Fault): boolean =>
  (['agent', 'chaos-mesh'] as const).some((by) =>
    actsIn(fault, { pods: true }).every((act) => isOffered(act, by)),
  );
const isOfContainers = (fault: Fault): boolean =>
  actsIn(fault, { containers: true }).every((act) => groupOf(act) !== 'stress' && act !== 'workloads.roll');
const CASES = WORLDS.flatMap(({ where, pods, containers }) =>
  FAULTS.filter((fault) => (!pods || isOfPods(fault)) && (!containers || isOfContainers(fault))).map(
    (fault) => ({ name: fault.name, where, pods, containers, fault }),
  ),
);

/** Longer than anything in the fake world takes by itself. */
const SETTLE_MS = 4000;

it('registers every file that holds a fault, each under its own file name', () => {
  const folder = join(import.meta.dirname, '../../../src/chaos/faults');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => /^export const \w+: Fault\b/m.test(readFileSync(join(folder, name), 'utf8')))
    .map((name) => basename(name));
  expect(FAULTS.map((fault) => `${fault.name}.ts`).sort()).toEqual(files.sort());
});

describe.each(FAULTS.map((fault) => ({ name: fault.name, fault })))('fault $name', ({ fault }) => {
  it('explains itself: every parameter has a meaning and says what is allowed', () => {
    expect(fault.summary).not.toBe('');
    expect(fault.undone).not.toBe('');
    for (const parameter of describeParameters(fault.parameters)) {
      expect(parameter.meaning, parameter.name).not.toBe('');
      expect(parameter.allowed, parameter.name).not.toBe('');
    }
  });

  it('refuses a key that it does not know, and names its own', () => {
    const declared = Object.keys(fault.parameters.shape);
    const first = declared[0] ?? '';
    const parsed = fault.parse({ [`${first}x`]: 1 });
    const names = declared.join(', ');
    expect(parsed.ok ? [] : parsed.problems).toContainEqual({
      path: `${first}x`,
      expected: names === '' ? 'no parameters' : `one of ${names}`,
      got: `"${first}x"`,
      ...(first !== '' && { next: `Did you mean ${first}?` }),
    });
  });
});

describe('in containers', () => {
  it.each(FAULTS.filter((fault) => !isOfContainers(fault)).map((fault) => ({ name: fault.name, fault })))(
    '$name is refused in its plan, and nothing is touched',
    async ({ fault }) => {
      const { world, target } = newStageOf({ containers: true });
      await expect(fault.plan(exampleOf(fault).spec, world)).rejects.toMatchObject({ kind: 'refused' });
      expect(target.acts).toEqual([]);
    },
  );
});

describe('in pods', () => {
  it('some faults are there and some cannot be', () => {
    expect(FAULTS.filter(isOfPods).length).toBeGreaterThan(10);
    expect(FAULTS.every(isOfPods)).toBe(false);
  });

  it.each(FAULTS.filter((fault) => !isOfPods(fault)).map((fault) => ({ name: fault.name, fault })))(
    '$name is refused in its plan, and nothing is touched',
    async ({ fault }) => {
      const { world, target } = newStageOf({ pods: true });
      await expect(fault.plan(exampleOf(fault).spec, world)).rejects.toMatchObject({ kind: 'refused' });
      expect(target.acts).toEqual([]);
    },
  );
});

describe.each(CASES)('fault $name on $where', ({ fault, pods, containers }) => {
  const newStage = () => newStageOf({ pods, containers });
  const acts = actsIn(fault, { pods, containers });

  it('plans by reading alone, as data, and the same for the same seed', async () => {
    const { world, target } = newStage();
    const before = traces(target);
    const plan = await fault.plan(exampleOf(fault).spec, world);
    expect(target.acts).toEqual([]);
    expect(traces(target)).toEqual(before);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan.touches.length === 0).toBe(plan.undo === null);
    expect(plan.timers.length).toBeGreaterThan(0);
    expect(plan.permissions).toEqual(acts);
  });

  it('refuses a platform without the acts that it needs, before anything happens', async () => {
    const { world } = newStage();
    const { handle, topology } = world.platform;
    const planning = fault.plan(exampleOf(fault).spec, { ...world, platform: { handle, topology } });
    if (acts.length === 0) await expect(planning).resolves.toBeDefined();
    else await expect(planning).rejects.toMatchObject({ kind: 'refused' });
  });

  it('applies, is seen on both connections, heals, and leaves no trace', async () => {
    const one = newStage();
    const before = traces(one.target);
    const record = await one.run(exampleOf(fault));
    expect(record).toMatchObject({ status: 'injected', cutShort: null, kind: fault.name });
    expect(record.injectedAt).toBeGreaterThanOrEqual(record.appliedAt ?? Number.NaN);
    expect(record.removedAt).toBeGreaterThanOrEqual(record.injectedAt ?? Number.NaN);
    expect(record.injection?.boundMs).toBeLessThanOrEqual(600);
    expect(record.removal?.boundMs).toBeLessThanOrEqual(1200);
    expect(openEntries(one.journal.path)).toEqual([]);
    expect(one.events.map((event) => event.kind)).toEqual([
      'fault-planned',
      'fault-applied',
      'fault-injected',
      'fault-undoing',
      'fault-removed',
    ]);
    await one.clock.advance(SETTLE_MS);
    expect(traces(one.target)).toEqual(before);
  });

  it('is in the journal before the first act', async () => {
    const one = newStage();
    let changes = 0;
    const world = gated(one.world, async (where) => {
      if (!changingActs.some((act) => where === `${act} before`)) return;
      changes += 1;
      expect(openEntries(one.journal.path), where).toHaveLength(1);
    });
    await one.run(exampleOf(fault), { world });
    expect(changes > 0).toBe(acts.length > 0);
  });

  it('writes undo data that its own schema takes whole, and refuses any other', async () => {
    const plan = await fault.plan(exampleOf(fault).spec, newStage().world);
    const data: unknown = JSON.parse(JSON.stringify(plan.undo?.data ?? null));
    expect(fault.undoShape.parse(data)).toEqual(data);
    for (const strange of [undefined, 'x', 7, [], { id: 1 }]) {
      expect(fault.undoShape.safeParse(strange).success, String(strange)).toBe(false);
    }
  });

  it('heals twice: the second undo changes nothing and its removal is proven again', async () => {
    const one = newStage();
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    await drive(one.clock, fault.apply(plan, one.world, ms(3000)));
    if (plan.undo === null) return expect(traces(one.target)).toEqual(traces(newStage().target));
    const undo = plan.undo;
    await fault.undo(undo, one.world);
    await one.clock.advance(SETTLE_MS);
    const first = await fault.removed(undo, one.world);
    const left = traces(one.target);
    await fault.undo(undo, one.world);
    expect(await fault.removed(undo, one.world)).toEqual(first);
    expect(first.gone).toBe(true);
    expect(traces(one.target)).toEqual(left);
  });

  it('closes what it opened: each journal entry has its end', async () => {
    const one = newStage();
    await one.run(exampleOf(fault));
    const { open: left, closed } = readJournal(one.journal.path);
    expect(left).toEqual([]);
    expect(closed).toHaveLength(1);
    expect(closed[0]?.holder).toBe(`harness pid ${process.pid}`);
  });
});
