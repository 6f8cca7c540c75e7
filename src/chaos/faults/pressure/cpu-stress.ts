/**
 * Makes instances compete for their CPU: they share one CPU with N busy processes, and the kernel schedules
 * them in turn. The victim is slow, not gone, as next to a greedy neighbour or at its CPU quota.
 */
import { z } from 'zod';
import { reading } from '../../../config/words/word.ts';
import { MOST_WORKERS } from '../../../core/acts/stress-acts.ts';
import { isContainer } from '../../../core/topology.ts';
import type { Parsed } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { instancesOf, MODE_PARAMETER, serviceParameter } from '../instances/victims.ts';
import { type AffinityUndo, affinityUndoShape, byAffinity } from './cpu-by-affinity.ts';
import { byLimit, type LimitUndo, limitUndoShape } from './cpu-by-limit.ts';
import { CONTAINER_PARAMETER, inPods, type PodStressUndo, podStressUndoShape } from './cpu-in-pods.ts';
import { type CpuMeans, NAME, type StressSpec } from './cpu-stressing.ts';
import type { LimitAct } from './limit-proof.ts';
import type { PodStressAct } from './pod-stress-proof.ts';
import type { StressAct } from './stress-proof.ts';

type CpuAct = StressAct | PodStressAct | LimitAct;
type StressUndo = AffinityUndo | PodStressUndo | LimitUndo;

const WORKERS_ALLOWED = `a whole number from 1 to ${MOST_WORKERS}`;

const PARAMETERS = parameters({
  service: serviceParameter('squeezed'),
  workers: parameter(
    reading(parseWorkers, { type: ['integer', 'string'], minimum: 1, maximum: MOST_WORKERS }),
    {
      meaning:
        'processes that always use the CPU; next to N of them a busy victim gets 1/(N+1) of it (in containers of Docker: that share alone)',
      allowed: WORKERS_ALLOWED,
    },
  ).prefault('2'),
  mode: MODE_PARAMETER,
  container: CONTAINER_PARAMETER,
  for: HOLD_PARAMETER,
});

export const cpuStress: Fault<StressSpec, CpuAct, StressUndo> = {
  name: NAME,
  summary: 'leaves instances a share of one CPU, as next to processes that always use it: slow, not gone',
  parameters: PARAMETERS,
  permissions: byAffinity.permissions,
  permissionsInPods: inPods.permissions,
  permissionsInContainers: byLimit.permissions,
  proof:
    'The kernel reports victims and spinners on one CPU, and each ms of work makes the victim wait longer than before: by at ' +
    'least half of what fair turns predict, and at least 10 ms in all. Probes must still get good answers. An idle victim ' +
    'proves nothing. In pods every record of Chaos Mesh must also report Injected. In containers it is counted at their CPU ' +
    'limit (cpu.stat), which must be the lower one; there 1 ms for each ms of work is enough.',
  undone:
    'The spinners are killed by pid and start time, and the CPUs that each victim had before (its affinity mask) are given ' +
    'back to threads that are still on ours, keyed by pid and start time, so that a restarted instance is not touched. ' +
    'The platform does this itself, and each spinner ends by itself, without a renewal within the lease. On platform processes ' +
    'a separate process does it, also as soon as the harness is gone. In pods Chaos Mesh ' +
    'ends its spinners when the StressChaos is deleted or its deadline is over. In containers the exact limit from before is ' +
    'written back in the kernel, keyed by id and start of the run, and not where another party has set another one since. It does ' +
    'not end by itself: the lease keeper undoes it, or gauntlet recover.',
  limits:
    'All victims and spinners share one CPU, the last of those that the victims have, so that the load generator and all ' +
    'other processes keep the rest; the scheduler moves processes that already run there, where it may. Needs two CPUs and taskset. ' +
    'Workers of a pool, which are no instances, keep their CPUs: where they do the work, the fault is not injected. ' +
    'It uses no cgroup quota: a sandbox, which needs no root, runs in the cgroup that its machine gave it, and a ' +
    'victim that is moved out of it would escape its limits (decision 016). Pods need kubernetes.backend: chaos-mesh and a CPU ' +
    'limit of the container, which the spinners share with the victim (decision 023). Containers of a Docker engine get no spinners: ' +
    'the whole container is limited to 1/(workers+1) of one CPU, or of its limit where that is lower, which needs root on the ' +
    'machine of the engine (decision 075).',
  example: 'cpu-stress: { service: orders, workers: 2, for: 5s }',

  parse: parserOf(PARAMETERS, (given): StressSpec => ({ ...given, container: given.container ?? null })),

  plan: async (spec, world) => await (await meansFor(spec, world)).plan(spec, world),
  apply: (plan, world, ttl) => meansOf(plan.act).apply(plan, world, ttl),
  renew: (plan, world, ttl) => meansOf(plan.act).renew(plan, world, ttl),
  expect: (plan) => meansOf(plan.act).expect(plan),
  undoShape: z.union([affinityUndoShape, podStressUndoShape, limitUndoShape]),
  undo: (record, world) => meansOf(record.data).undo(record, world),
  removed: (record, world) => meansOf(record.data).removed(record, world),
};

/** How this target can do it. @throws usage or refused for a service without instances. */
async function meansFor({ service }: StressSpec, world: World): Promise<CpuMeans<CpuAct, StressUndo>> {
  // Without any instances, reports every missing act.
  if (world.platform.instances === undefined) needActs(NAME, world, ['instances', 'stress']);
  const all = await instancesOf(NAME, service, world);
  const { stress, cpuLimit } = world.platform;
  if (stress !== undefined) return byAffinity;
  if (cpuLimit !== undefined && all.some(isContainer)) return byLimit;
  return all.some((one) => 'uid' in one) ? inPods : byAffinity;
}

/** Each means executes and undoes its own plan. */
const meansOf = (planned: CpuAct | StressUndo): CpuMeans<CpuAct, StressUndo> =>
  'pods' in planned ? inPods : 'limits' in planned ? byLimit : byAffinity;

function parseWorkers(value: unknown): Parsed<number> {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_WORKERS
    ? { ok: true, value: count }
    : { ok: false, expected: WORKERS_ALLOWED };
}
