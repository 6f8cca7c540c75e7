/**
 * CPU stress where instances are processes of this machine: CPU affinity puts victims and spinners on one
 * CPU.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { CpuUse, PinnedVictim } from '../../../core/acts/stress-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import {
  describeVictim,
  describeVictims,
  isProcess,
  isSameVictim,
  processOf,
} from '../../../core/topology.ts';
import type { RemovalState } from '../../fault.ts';
import { CPU_OF } from '../../observation.ts';
import { countShape, idShape, processShape } from '../../undo-shapes.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import { draw, instancesOf, probesOf } from '../instances/victims.ts';
import { type CpuMeans, EXPECTED, NAME, refuseContainer, slowing } from './cpu-stressing.ts';
import { chooseCpu } from './stress-cpu.ts';
import { judgeStress, type StressAct } from './stress-proof.ts';

/** The id is never reused; the old affinity masks are restored on exactly these processes. */
export type AffinityUndo = {
  readonly id: string;
  readonly service: string;
  readonly cpu: number;
  readonly victims: readonly PinnedVictim[];
};

export const affinityUndoShape = z.object({
  id: idShape,
  service: z.string(),
  cpu: countShape,
  victims: z.array(z.object({ victim: processShape, cpus: z.string() })),
});

const ACTS = ['instances', 'stress'] as const;
const PERMISSIONS: readonly ActName[] = [
  'instances.list',
  'stress.means',
  'stress.cpu',
  'stress.list',
  'stress.begin',
  'stress.renew',
  'stress.end',
];

export const byAffinity: CpuMeans<StressAct, AffinityUndo> = {
  permissions: PERMISSIONS,

  async plan(spec, world) {
    const { stress } = needActs(NAME, world, ACTS);
    if (spec.container !== null) throw refuseContainer(world, 'one process');
    const all = await instancesOf(NAME, spec.service, world);
    const tool = await needMeans(world);
    const chosen = draw(all.filter(isProcess), spec.mode, world.rng);
    const { cpu, pinned } = chooseCpu(NAME, chosen.map(processOf), await stress.cpu(spec.service));
    const id = `${NAME}-${randomUUID()}`;
    return {
      fault: NAME,
      victim: describeVictims(chosen),
      victims: chosen.map(describeVictim),
      probes: probesOf(spec.service, chosen, world),
      touches: chosen.map((one) => one.instance),
      timers: [
        `By affinity (${tool}): victims and ${spec.workers} spinners share CPU ${cpu}, all with one weight.`,
        `A busy victim gets one turn in ${spec.workers + 1}: each ms of its work then costs ${spec.workers} ms of waiting.`,
        'Queued work runs when the CPU is free again: latencies fall after the end, not at it.',
        ...platformTimers(world, /ready|probe|session|election|lag/i),
      ],
      permissions: PERMISSIONS,
      impact: slowing(spec.service, chosen.map(processOf)),
      undo: { fault: NAME, data: { id, service: spec.service, cpu, victims: pinned } },
      act: { id, cpu, victims: pinned, workers: spec.workers },
    };
  },

  apply: ({ act }, world, ttl) => needActs(NAME, world, ACTS).stress.begin({ ...act, ttlMs: ttl }),
  renew: ({ act }, world, ttl) => needActs(NAME, world, ACTS).stress.renew(act.id, ttl),

  expect: ({ act, probes }) => ({
    text: EXPECTED,
    observe: act.victims.slice(0, 1).map(({ victim }) => `${CPU_OF}${victim.service}` as const),
    judge: (evidence) => judgeStress(act, probes.length > 0, evidence),
  }),

  undo: ({ data }, world) => needActs(NAME, world, ACTS).stress.end(data),
  removed: ({ data }, world) => removed(data, world),
};

/**
 * @throws refused when the platform has no means, or when a stress is already in place: its affinity masks
 * are not the usual ones.
 */
async function needMeans(world: World): Promise<string> {
  const { stress } = needActs(NAME, world, ACTS);
  const means = await stress.means();
  const held = await stress.list();
  if (means.kind === 'affinity' && held.length === 0) return means.tool;
  throw new GauntletError('refused', [
    means.kind === 'none'
      ? { subject: NAME, expected: 'a way to share a CPU', got: means.why, next: 'Leave this fault out.' }
      : {
          subject: NAME,
          expected: 'no other stress in place',
          got: held.map((one) => one.id).join(', '),
          next: 'Undo what is left with: gauntlet recover',
        },
  ]);
}

async function removed({ id, service, victims }: AffinityUndo, world: World): Promise<RemovalState> {
  const { stress } = needActs(NAME, world, ACTS);
  const left = (await stress.list()).find((one) => one.id === id);
  if (left !== undefined) {
    return { gone: false, evidence: `${left.spinners} spinners of ${id} are still there` };
  }
  const now = await stress.cpu(service);
  const useOf = ({ victim }: PinnedVictim): CpuUse | undefined =>
    now.find((one) => isSameVictim(one, victim));
  const moved = victims.filter(
    (one) => (useOf(one)?.cpus ?? one.cpus) !== one.cpus || useOf(one)?.cpus === null,
  );
  if (moved.length > 0) {
    const each = moved.map((one) => {
      const cpus = useOf(one)?.cpus ?? 'several, by thread';
      return `${describeVictim(one.victim)} may use CPUs ${cpus}, before ${one.cpus}`;
    });
    return { gone: false, evidence: each.join('; ') };
  }
  const there = victims.filter((one) => useOf(one) !== undefined);
  const each = there.map((one) => `${describeVictim(one.victim)} may use CPUs ${one.cpus} as before`);
  const who = each.length === 0 ? 'the victim is gone for another reason' : each.join('; ');
  return { gone: true, evidence: `no spinner is left; ${who}` };
}
