/**
 * Makes instances fight for their CPU: they and N processes that always want to run share one CPU, so that the kernel
 * gives each its turn. The victim is late and not gone, as beside a greedy neighbour or at the limit of its quota.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Act } from '../../../core/acts/act-names.ts';
import { type CpuUse, MOST_WORKERS, type PinnedVictim } from '../../../core/acts/stress-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import {
  describeVictim,
  describeVictims,
  isProcess,
  isSameVictim,
  processOf,
} from '../../../core/topology.ts';
import type { Ms, Parsed } from '../../../core/units.ts';
import type { Fault, Parameter, RemovalState } from '../../fault.ts';
import { CPU_OF } from '../../observation.ts';
import { HOLD_PARAMETER, parseHold, SpecReader } from '../../parameters.ts';
import { CPU_OF } from '../../observation.ts';
import { countShape, idShape, processShape } from '../../undo-shapes.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import {
  draw,
  instancesOf,
  MODE_PARAMETER,
  type Mode,
  parseMode,
  parseService,
  probesOf,
  serviceParameter,
} from '../instances/victims.ts';
import {
  beginPodStress,
  CONTAINER_PARAMETER,
  needPodStress,
  POD_STRESS_PERMISSIONS,
  type PodStressUndo,
  parseContainer,
  podStressPlan,
  podStressRemoved,
  podStressUndoShape,
  refuseContainer,
} from './pod-stress.ts';
import { judgePodStress, type PodStressAct } from './pod-stress-proof.ts';
import { chooseCpu } from './stress-cpu.ts';
import { judgeStress, type StressAct } from './stress-proof.ts';

type StressSpec = {
  readonly service: string;
  readonly workers: number;
  readonly mode: Mode;
  /** Of pods; null = the only one. */
  readonly container: string | null;
  readonly for: Ms;
};
/** The id is never reused; masks go back to exactly these processes. */
type ProcessUndo = {
  readonly id: string;
  readonly service: string;
  readonly cpu: number;
  readonly victims: readonly PinnedVictim[];
};

type CpuAct = StressAct | PodStressAct;
type StressUndo = ProcessUndo | PodStressUndo;

const undoShape = z.union([
  z.object({
    id: idShape,
    service: z.string(),
    cpu: countShape,
    victims: z.array(z.object({ victim: processShape, cpus: z.string() })),
  }),
  podStressUndoShape,
]);

const NAME = 'cpu-stress';
const ACTS = ['instances', 'stress'] as const;
const PERMISSIONS: readonly Act[] = [
  'instances.list',
  'stress.means',
  'stress.cpu',
  'stress.list',
  'stress.begin',
  'stress.renew',
  'stress.end',
];
const WORKERS_ALLOWED = `a whole number from 1 to ${MOST_WORKERS}`;

const PARAMETERS: readonly Parameter[] = [
  serviceParameter('squeezed'),
  {
    name: 'workers',
    meaning: 'processes that always want the CPU; beside N of them a busy victim has one turn in N + 1',
    unit: '',
    default: '2',
    required: false,
    allowed: WORKERS_ALLOWED,
  },
  MODE_PARAMETER,
  CONTAINER_PARAMETER,
  HOLD_PARAMETER,
];

export const cpuStress: Fault<StressSpec, CpuAct, StressUndo> = {
  name: NAME,
  summary: 'squeezes instances onto one CPU together with processes that always want it: late, not gone',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  permissionsInPods: POD_STRESS_PERMISSIONS,
  undone:
    'The spinners are killed by pid and start time, and the CPUs that each victim had before (its affinity mask) are given ' +
    'back to threads that are still on ours, keyed by pid and start time, so that a restarted instance is not touched. ' +
    'The platform does this itself, and each spinner ends by itself, when it is not renewed within the lease. In pods Chaos Mesh ' +
    'ends its spinners when the StressChaos is deleted or its deadline is over.',
  limits:
    'All victims and spinners share one CPU, the last of those that the victims have, so that the load generator and everybody ' +
    'else keep the others; what already runs there is moved away by the scheduler where it may. Needs two CPUs and taskset. ' +
    'A quota of a cgroup is not used: a sandbox, which needs no root, runs in the cgroup of whoever runs the machine, and a ' +
    'victim that we moved out of it would leave its limits (decision 016). Pods need kubernetes.backend: chaos-mesh and a CPU ' +
    'limit of the container, which the spinners share with the victim (decision 023).',
  example: 'cpu-stress: { service: specialist-business, workers: 2, for: 5s }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const service = reader.take('service', parseService);
    const workers = reader.take('workers', parseWorkers);
    const mode = reader.take('mode', parseMode);
    const container = reader.take('container', parseContainer) ?? null;
    const hold = reader.take('for', parseHold);
    const isComplete = service !== undefined && workers !== undefined && mode !== undefined;
    if (reader.problems.length > 0 || !isComplete || hold === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { service, workers, mode, container, for: hold }, holdMs: hold };
  },

  async plan(spec, world) {
    const { service, workers, container } = spec;
    // Where there are no instances at all, every lack is named.
    if (world.platform.instances === undefined) needActs(NAME, world, ACTS);
    const all = await instancesOf(NAME, service, world);
    if (world.platform.stress === undefined && all.some((one) => !isProcess(one))) {
      const chosen = draw(all, spec.mode, world.rng);
      return await podStressPlan(
        { fault: NAME, service, workers, container, holdMs: spec.for, chosen },
        world,
      );
    }
    const { stress } = needActs(NAME, world, ACTS);
    if (container !== null) throw refuseContainer(NAME, world);
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
        `A busy victim has one turn in ${spec.workers + 1}: each ms of its work then costs ${spec.workers} ms of waiting.`,
        'Work that has queued up is done when the CPU is free again: latencies fall behind the end, not at it.',
        ...platformTimers(world, /ready|probe|session|election|lag/i),
      ],
      permissions: PERMISSIONS,
      impact: {
        services: [...new Set([spec.service, ...chosen.map((one) => one.instance)])],
        killed: [],
        brokersLost: [],
        outageAccepted: false,
      },
      undo: { fault: NAME, data: { id, service: spec.service, cpu, victims: pinned } },
      act: { id, cpu, victims: pinned, workers: spec.workers },
    };
  },

  async apply({ act }, world, ttl) {
    if (isOfPods(act)) await beginPodStress(NAME, act, world);
    else await needActs(NAME, world, ACTS).stress.begin({ ...act, ttlMs: ttl });
  },
  renew: ({ act }, world, ttl) =>
    isOfPods(act)
      ? needPodStress(NAME, world).renew(act.id)
      : needActs(NAME, world, ACTS).stress.renew(act.id, ttl),

  expect: ({ act, probes }) => ({
    text: 'the victim waits longer for each ms of work, by the count of the kernel, and probes stay alive',
    observe: isOfPods(act)
      ? ['pod-stress']
      : act.victims.slice(0, 1).map(({ victim }) => `${CPU_OF}${victim.service}` as const),
    judge: (evidence) =>
      isOfPods(act)
        ? judgePodStress(act, probes.length > 0, evidence)
        : judgeStress(act, probes.length > 0, evidence),
  }),

  undoShape,
  undo: ({ data }, world) =>
    isOfPods(data) ? needPodStress(NAME, world).end(data.id) : needActs(NAME, world, ACTS).stress.end(data),
  removed: ({ data }, world) => (isOfPods(data) ? podStressRemoved(NAME, data, world) : removed(data, world)),
};

const isOfPods = <One extends object>(one: One): one is Extract<One, { readonly pods: unknown }> =>
  'pods' in one;

function parseWorkers(value: unknown): Parsed<number> {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_WORKERS
    ? { ok: true, value: count }
    : { ok: false, expected: WORKERS_ALLOWED };
}

/** @throws refused when the platform has no means, or when a stress is in place already: its masks are not the usual ones. */
async function needMeans(world: World): Promise<string> {
  const { stress } = needActs(NAME, world, ACTS);
  const means = await stress.means();
  const held = await stress.list();
  if (means.kind === 'affinity' && held.length === 0) return means.tool;
  throw new GauntletError('refused', [
    means.kind === 'none'
      ? { subject: NAME, expected: 'a means to share a CPU', got: means.why, next: 'Leave this fault out.' }
      : {
          subject: NAME,
          expected: 'no other stress in place',
          got: held.map((one) => one.id).join(', '),
          next: 'Undo what was left there with: gauntlet recover',
        },
  ]);
}

async function removed({ id, service, victims }: ProcessUndo, world: World): Promise<RemovalState> {
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
