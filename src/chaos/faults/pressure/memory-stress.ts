/**
 * Lets the kernel run out of memory for one instance alone: in a cgroup inside the victim's own, hogs
 * allocate memory up to a limit, and the kernel kills the victim, as at a container's limit (OOMKilled). It
 * is done once and holds nothing.
 */

import { randomUUID } from 'node:crypto';
import { reading } from '../../../config/words/word.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import { LEAST_MEMORY, type MemoryMeans, MIB, MOST_MEMORY } from '../../../core/acts/memory-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { describeVictim, type Victim, victimOf } from '../../../core/topology.ts';
import type { Parsed } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import { parameter, parameters, parserOf } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { killPlan, killVerbs } from '../instances/kill-verbs.ts';
import { draw, instancesOf, OUTAGE_PARAMETER, serviceParameter } from '../instances/victims.ts';
import { judgeMemory, type MemoryAct } from './memory-proof.ts';
import { type MemoryKillUndo, memoryRemoved, memoryUndoShape } from './memory-undo.ts';

type MemorySpec = {
  readonly service: string;
  readonly sizeBytes: number;
  readonly acceptOutage: boolean;
};

const NAME = 'memory-stress';
const ACTS = ['instances', 'memory'] as const;
const PERMISSIONS: readonly ActName[] = [
  'instances.list',
  'instances.lives',
  'instances.successors',
  'memory.means',
  'memory.list',
  'memory.begin',
  'memory.renew',
  'memory.endedAt',
  'memory.end',
];
const SIZE = /^\s*(\d{1,4})\s*MiB\s*$/;
const SIZE_ALLOWED = `whole MiB from ${LEAST_MEMORY / MIB}MiB to ${MOST_MEMORY / MIB}MiB, such as 128MiB`;
/** Reserved for other processes in the cgroups around, and on the machine. */
const MARGIN_BYTES = 128 * MIB;

const TOO_SMALL = `It needs ${(LEAST_MEMORY + MARGIN_BYTES) / MIB} MiB: raise the limit around it, or leave this fault out.`;
const OF_CONTAINER =
  'The limit is inside that of the container, so its engine reports exit code 137 and not OOMKilled.';

const PARAMETERS = parameters({
  service: serviceParameter('killed for lack of memory'),
  size: parameter(reading(parseSize, { type: 'string', pattern: SIZE.source }), {
    meaning: 'limit of the cgroup; helper processes allocate memory next to the victim until it is reached',
    allowed: SIZE_ALLOWED,
  }).prefault('128MiB'),
  'accept-outage': OUTAGE_PARAMETER,
});

export const memoryStress: Fault<MemorySpec, MemoryAct, MemoryKillUndo> = {
  name: NAME,
  summary:
    'uses up the memory of one instance until the kernel kills it (OOMKilled), inside all limits around it',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof:
    'The kernel counts a kill of the victim for lack of memory (oom_kill) in the cgroup that was created for it, and the victim is ' +
    'gone by the rules of kill-pod. A victim that ended for another reason, or a hog that was killed instead, proves nothing.',
  undone:
    'The hogs are killed by pid and start time, a victim that still runs is moved back to its own cgroup with its oom_score_adj, ' +
    'keyed by pid and start time, and the cgroup is removed; the platform starts the successor outside of it. Hogs and cgroup ' +
    'are gone as soon as the victim is. The platform does this itself, and each hog ends by itself, without a renewal within the ' +
    'lease. On platforms processes and docker a separate process does it, also as soon as the harness is gone.',
  limits:
    'Linux with cgroup v1 and write permission on the memory cgroup of the victim; elsewhere it is refused. On cgroup v2 a ' +
    'cgroup that contains processes cannot limit cgroups inside it, and a victim is never moved out of a cgroup that Gauntlet did ' +
    'not create. There is no mode in which the victim is only slowed: without swap its effect cannot be distinguished from noise (decision 020). ' +
    'The kernel moves no charges (Linux 6.13 on): the memory that the victim has stays counted in its own cgroup, and only memory ' +
    'allocated from now on counts against the limit. A container of a Docker engine ends with its main process; the engine ' +
    'reports exit code 137 and not OOMKilled, and the container is made again with its own limits (decision 082). In pods, set a ' +
    'memory limit of the container instead.',
  example: 'memory-stress: { service: orders, size: 128MiB }',

  parse: parserOf(
    PARAMETERS,
    ({ service, size, 'accept-outage': acceptOutage }): MemorySpec => ({
      service,
      sizeBytes: size,
      acceptOutage,
    }),
  ),

  async plan(spec, world) {
    needActs(NAME, world, ACTS);
    const { service, sizeBytes: limitBytes } = spec;
    const ofService = await instancesOf(NAME, service, world);
    const chosen = draw(ofService, 'one', world.rng);
    const { victim, run, group, oomScoreAdj } = await needMeans(chosen, limitBytes, world);
    const killing = { fault: NAME, service, signal: 'SIGKILL', ofService, chosen } as const;
    const plan = await killPlan({ ...killing, outageAccepted: spec.acceptOutage }, world);
    const id = `${NAME}-${randomUUID()}`;
    return {
      ...plan,
      timers: [
        `Hogs take ${limitBytes / MIB} MiB in a group of their own with the victim, inside ${group}.`,
        'At its limit the kernel kills the victim, which has the highest oom_score_adj there is.',
        ...(run ? [OF_CONTAINER] : []),
        ...plan.timers,
      ],
      permissions: PERMISSIONS,
      undo: {
        fault: NAME,
        data: { ...plan.undo.data, memory: { id, victim, ...(run && { run }), group, oomScoreAdj } },
      },
      act: { ...plan.act, id, limitBytes },
    };
  },

  async apply({ act, undo }, world, ttl) {
    if (undo === null) throw new Error('the plan has no undo');
    const stress = { ...undo.data.memory, limitBytes: act.limitBytes, ttlMs: ttl };
    await needActs(NAME, world, ACTS).memory.begin(stress);
  },

  // A kill cannot lapse. The renewal keeps the kill's count until it has been read.
  async renew({ act }, world, ttl) {
    await needActs(NAME, world, ACTS).memory.renew(act.id, ttl);
    return true;
  },

  expect: (plan) => ({
    text: `the kernel kills the victim for lack of memory; ${
      plan.act.survivors
        ? 'other replicas continue to serve'
        : 'the held connection breaks, a fresh one is refused'
    }`,
    observe: ['instances', 'memory'],
    judge: (evidence) => judgeMemory(plan.act, plan.probes.length > 0, evidence),
  }),

  undoShape: memoryUndoShape,
  undo: (record, world) => needActs(NAME, world, ACTS).memory.end(record.data.memory),
  removed: (record, world) => memoryRemoved(NAME, record.data, world),

  async pod(record, world, times) {
    const stretches = await killVerbs(NAME).pod(record, world, times);
    // Gauntlet sends no signal: the kernel kills when the hogs have filled the cgroup.
    return stretches.map((one) => ({ ...one, name: one.name.replace('signal sent', 'stress requested') }));
  },
};

function parseSize(value: unknown): Parsed<number> {
  const count = typeof value === 'string' ? SIZE.exec(value)?.[1] : undefined;
  const bytes = Number(count) * MIB;
  return bytes >= LEAST_MEMORY && bytes <= MOST_MEMORY
    ? { ok: true, value: bytes }
    : { ok: false, expected: SIZE_ALLOWED };
}

/**
 * @throws refused when no cgroup can be created there, another stress is in place, or the cgroups around have
 * no room for it.
 */
async function needMeans(
  chosen: readonly Victim[],
  limitBytes: number,
  world: World,
): Promise<Extract<MemoryMeans, { kind: 'cgroup' }>> {
  const { memory } = needActs(NAME, world, ACTS);
  const [victim] = chosen;
  if (victim === undefined) throw new Error(`${NAME} has drawn no victim`);
  const subject = `${NAME} on ${describeVictim(victim)}`;
  const refusal = (expected: string, got: string, next: string): GauntletError =>
    new GauntletError('refused', [{ subject, expected, got, next }]);
  const held = (await memory.list()).map((one) => one.id).join(', ');
  const undoIt = 'Undo what is left with: gauntlet recover';
  if (held !== '') throw refusal('no other memory stress in place', held, undoIt);
  const means = await memory.means(victimOf(victim));
  if (means.kind === 'none') {
    const { why, fix = 'Leave this fault out.' } = means;
    throw refusal('a memory cgroup in which another one can be created', why, fix);
  }
  if (means.kind === 'gone') throw refusal('a running process', 'one that has ended', 'Run it again.');
  const needed = (limitBytes + MARGIN_BYTES) / MIB;
  const room = `${Math.floor(means.roomBytes / MIB)} MiB`;
  if (means.roomBytes >= limitBytes + MARGIN_BYTES) return means;
  throw refusal(
    `room for ${needed} MiB in the cgroups around it and on the machine`,
    room,
    means.roomBytes >= LEAST_MEMORY + MARGIN_BYTES ? 'Choose a smaller size.' : TOO_SMALL,
  );
}
