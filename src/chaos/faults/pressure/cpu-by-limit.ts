/**
 * CPU stress where instances are containers of a Docker engine: a lower CPU limit of one run, in the kernel.
 * No process is added: the container has what it would have next to N busy neighbours.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import {
  type CpuLimit,
  type CpuLimitActs,
  isBetween,
  isSameLimit,
  sayLimit,
} from '../../../core/acts/cpu-limit-acts.ts';
import {
  type ContainerVictim,
  describeVictim,
  describeVictims,
  isContainer,
  isSameVictim,
  victimOf,
} from '../../../core/topology.ts';
import type { RemovalState } from '../../fault.ts';
import { LIMITS_OF } from '../../observation.ts';
import { containerShape, idShape } from '../../undo-shapes.ts';
import { needActs, platformTimers, type World } from '../../world.ts';
import { draw, instancesOf, probesOf } from '../instances/victims.ts';
import { type CpuMeans, EXPECTED, NAME, refuseContainer, slowing } from './cpu-stressing.ts';
import { judgeLimit, type LimitAct } from './limit-proof.ts';
import { limitNextTo, predictedHold } from './limit-share.ts';

/** The limits of exactly these runs, before and during. */
export type LimitUndo = LimitAct;

const limitShape: z.ZodType<CpuLimit> = z.object({
  quotaUs: z.int().positive().nullable(),
  periodUs: z.int().positive(),
});

export const limitUndoShape: z.ZodType<LimitUndo> = z.object({
  id: idShape,
  service: z.string(),
  limits: z.array(z.object({ victim: containerShape, before: limitShape, during: limitShape })),
});

const PERMISSIONS: readonly ActName[] = [
  'instances.list',
  'cpuLimit.list',
  'cpuLimit.set',
  'cpuLimit.heldPeriods',
];

export const byLimit: CpuMeans<LimitAct, LimitUndo> = {
  permissions: PERMISSIONS,

  async plan(spec, world) {
    if (spec.container !== null) throw refuseContainer(world, 'one container');
    const { service, workers } = spec;
    const all = (await instancesOf(NAME, service, world)).filter(isContainer);
    const chosen = draw(all, spec.mode, world.rng);
    const now = await limitsIn(world).list(service);
    const limits = chosen.flatMap((one) => {
      const before = now.find((each) => isSameVictim(each, one))?.limit;
      if (before === undefined) return [];
      const during = limitNextTo(`${NAME} on ${describeVictim(one)}`, before, workers);
      return [{ victim: victimOf(one) as ContainerVictim, before, during }];
    });
    const victims = limits.map((one) => one.victim);
    const act = { id: `${NAME}-${randomUUID()}`, service, limits };
    return {
      fault: NAME,
      victim: describeVictims(victims),
      victims: victims.map(describeVictim),
      probes: probesOf(service, chosen, world),
      touches: victims.map((one) => one.instance),
      timers: [
        ...limits.map(timerOf),
        'It does not end by itself: the lease keeper, or gauntlet recover, undoes it when the harness is killed.',
        ...platformTimers(world, /ready|probe|session|election|lag/i),
      ],
      permissions: PERMISSIONS,
      impact: slowing(service, victims),
      undo: { fault: NAME, data: act },
      act,
    };
  },

  async apply({ act: { limits } }, world) {
    for (const { victim, before, during } of limits) {
      const done = await limitsIn(world).set(victim, before, during);
      if (done === 'gone') throw new Error(`${describeVictim(victim)} has ended`);
      if (done === 'foreign')
        throw new Error(
          `${describeVictim(victim)} no longer has ${sayLimit(before)}: another party set its limit`,
        );
    }
  },

  async renew({ act: { service, limits } }, world) {
    const now = await limitsIn(world).list(service);
    return limits.every(({ victim, during }) =>
      now.some((one) => isSameVictim(one, victim) && isSameLimit(one.limit, during)),
    );
  },

  expect: ({ act, probes }) => ({
    text: EXPECTED,
    observe: [`${LIMITS_OF}${act.service}`],
    judge: (evidence) => judgeLimit(act, probes.length > 0, evidence),
  }),

  async undo({ data: { limits } }, world) {
    for (const { victim, before, during } of limits) await limitsIn(world).set(victim, during, before);
  },

  async removed({ data }, world) {
    const rows = await Promise.all(data.limits.map((one) => relief(data.service, one, world)));
    return { gone: rows.every((row) => row.gone), evidence: rows.map((row) => row.evidence).join('; ') };
  },
};

const limitsIn = (world: World): CpuLimitActs => needActs(NAME, world, ['cpuLimit']).cpuLimit;

function timerOf({ victim, before, during }: LimitAct['limits'][number]): string {
  const cost = Number(predictedHold(before, during).toFixed(1));
  return (
    `${describeVictim(victim)} gets ${sayLimit(during)}, before ${sayLimit(before)}: ` +
    `each ms of work of a busy thread costs ${cost} ms more of waiting.`
  );
}

async function relief(
  service: string,
  { victim, before, during }: LimitAct['limits'][number],
  world: World,
): Promise<RemovalState> {
  const acts = limitsIn(world);
  const name = describeVictim(victim);
  const ended = { gone: true, evidence: `${name} is gone for another reason, and its limit with it` };
  const now = (await acts.list(service)).find((one) => isSameVictim(one, victim))?.limit;
  if (now === undefined) return ended;
  const has = `${name} has ${sayLimit(now)}`;
  if (!isSameLimit(now, before))
    return isBetween(now, before, during)
      ? { gone: false, evidence: `${has}, before ${sayLimit(before)}` }
      : { gone: true, evidence: `${has}, set by another party since: it was left` };
  // At a limit of its own it may be held back as always.
  if (before.quotaUs !== null) return { gone: true, evidence: `${has} as before` };
  const held = await acts.heldPeriods(victim);
  if (held === null) return ended;
  return { gone: held === 0, evidence: `${has} as before, and was held back in ${held} periods since` };
}
