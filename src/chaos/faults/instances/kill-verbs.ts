/**
 * The common parts of all kills: the plan with its undo as data, the signal, the proof of the end, and the
 * recovery timeline of the lost instances.
 */

import { oneOf } from '../../../config/forms.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import {
  describeVictim,
  describeVictims,
  isSameVictim,
  type Victim,
  victimOf,
} from '../../../core/topology.ts';
import type { Ms } from '../../../core/units.ts';
import type { Evidence, Fault, FaultPlan, UndoRecord } from '../../fault.ts';
import { parameter } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { type Inside, judgeInside, seenAs } from './container-view.ts';
import { takeAwayOne } from './instance-removal.ts';
import { graceOfOrder, needOrders, ORDER_TIMERS } from './kill-by-order.ts';
import { judgeKill, type KillAct } from './kill-proof.ts';
import { type KillUndo, killRemoved, killUndoShape, replacementsWithEndpoints } from './kill-removal.ts';
import { killTimers } from './kill-timers.ts';
import { podStretches } from './pod-timeline.ts';
import { futureOf } from './successor-outlook.ts';
import { lossOf, probesOf } from './victims.ts';

export interface Killing {
  readonly fault: string;
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly outageAccepted: boolean;
  readonly ofService: readonly InstanceState[];
  readonly chosen: readonly InstanceState[];
  /**
   * Both only where the platform removes instances itself; see instance-removal.ts. Absent: no budget is
   * asked.
   */
  readonly evict?: boolean;
  /** Absent or null: the instance's own grace period. */
  readonly graceMs?: Ms | null;
  /** A signal from inside a container; the instances are then its runs; see container-view.ts. */
  readonly inside?: Inside | null;
  /** The campaign declares that victims may be lost for good; absent: no. */
  readonly lossAccepted?: boolean;
  /** The id of an order to Chaos Mesh; see kill-by-order.ts. */
  readonly order?: string | null;
}

/** Twice the default terminationGracePeriodSeconds of Kubernetes. */
const DRAIN_MS = 60_000;

const ACTS = ['instances'] as const;
export const KILL_PERMISSIONS: readonly ActName[] = [
  'instances.list',
  'instances.signal',
  'instances.lives',
  'instances.successors',
];

export const SIGNAL_PARAMETER = parameter(oneOf(['SIGKILL', 'SIGTERM']), {
  meaning: 'SIGKILL: it dies at once; SIGTERM: it may drain first',
  allowed: 'SIGKILL or SIGTERM',
}).prefault('SIGKILL');

export const KILL_UNDONE =
  'There is nothing to undo: the platform starts the successor. It counts as removed when the old process is gone and ' +
  'as many instances are ready as before.';

export type KillPlan = FaultPlan<KillAct, KillUndo> & { readonly undo: UndoRecord<KillUndo> };

/** @throws usage or refused when the platform cannot report the lives of this service. */
export async function killPlan(killing: Killing, world: World): Promise<KillPlan> {
  const {
    fault,
    service,
    signal,
    ofService,
    chosen,
    evict = false,
    graceMs = null,
    inside = null,
    order = null,
  } = killing;
  // Read here, so that a platform that learns lives by watching starts its watch before the act, not during
  // it.
  await seenAs(needActs(fault, world, ACTS).instances, inside).lives(service);
  const victims = chosen.map(victimOf);
  const { impact, readyLeft } = lossOf(service, ofService, chosen, killing.outageAccepted, world);
  const { lossAccepted = false } = killing;
  const future = await futureOf(chosen, inside, world, killing.lossAccepted !== undefined, signal);
  const isMissed = (one: InstanceState): boolean =>
    one.ready && future.lost.some((lost) => isSameVictim(lost.state, one));
  return {
    fault,
    victim: describeVictims(chosen),
    victims: chosen.map(describeVictim),
    probes: probesOf(service, chosen, world),
    touches: chosen.map((one) => one.instance),
    timers: [
      ...(order === null ? [] : ORDER_TIMERS),
      ...killTimers(chosen, { signal, graceMs, inside }, world, future.lost.length < chosen.length),
      ...future.sayings,
    ],
    permissions: KILL_PERMISSIONS.flatMap((one) => actOf(one, killing)),
    impact: { ...impact, lossAccepted, lost: future.lost.map(({ state: _, ...lost }) => lost) },
    undo: {
      fault,
      data: {
        service,
        victims,
        known: ofService.map(victimOf),
        // Does not wait for successors of victims declared as lost.
        readyBefore: ofService.filter((one) => one.ready && !(lossAccepted && isMissed(one))).length,
        drainUntil: signal === 'SIGTERM' ? world.clock.now() + DRAIN_MS + (graceMs ?? 0) : null,
        ...(inside && { inside }),
        ...(order !== null && { order }),
      },
    },
    act: {
      victims,
      signal,
      survivors: readyLeft > 0,
      evict,
      graceMs,
      ...(inside && { inside }),
      ...(order !== null && { order }),
    },
  };
}

/** The permission for the act that actually ends the victim. */
function actOf(permission: ActName, { evict, inside, order }: Killing): readonly ActName[] | ActName {
  // The kubelet restarts a container, whatever owns its pod.
  if (permission === 'instances.successors') return inside == null ? permission : [];
  if (permission !== 'instances.signal') return permission;
  if (order != null) return 'instances.order';
  if (inside != null) return 'containers.signal';
  return evict === true ? 'instances.evict' : permission;
}

type Members = 'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed' | 'pod';

/** The members that all kills share. */
export const killVerbs = (fault: string): Required<Pick<Fault<never, KillAct, KillUndo>, Members>> => ({
  async apply(plan, world) {
    const { order: id, victims } = plan.act;
    if (id !== undefined) {
      await needOrders(fault, world).give({ id, victims, graceMs: graceOfOrder(plan.act) });
      return;
    }
    const instances = seenAs(needActs(fault, world, ACTS).instances, plan.act.inside);
    const gone: Victim[] = [];
    for (const victim of plan.act.victims) {
      if ((await takeAwayOne(instances, victim, plan.act)) === 'gone') gone.push(victim);
    }
    if (gone.length > 0) throw new Error(`${describeVictims(gone)} was gone before the signal was sent`);
  },

  // A signal cannot lapse: a lease has nothing to renew.
  renew: async () => true,

  expect: (plan) => ({
    text: plan.act.survivors
      ? 'the victim is gone, other replicas continue to serve'
      : 'the held connection breaks, a fresh one is refused or reset, and the victim is gone',
    observe: ['instances'],
    judge(evidence) {
      const { inside, victims } = plan.act;
      const judge = (seen: Evidence) => judgeKill(plan.act, plan.probes.length > 0, seen);
      return inside ? judgeInside(inside, victims, evidence, judge) : judge(evidence);
    },
  }),

  undoShape: killUndoShape,

  async undo({ data }, world) {
    if (data.order !== undefined) await needOrders(fault, world).withdraw(data.order);
  },
  removed: (record, world) =>
    killRemoved(record.data, seenAs(needActs(fault, world, ACTS).instances, record.data.inside), world),

  async pod(record, world, times) {
    const instances = seenAs(needActs(fault, world, ACTS).instances, record.data.inside);
    const replacements = await replacementsWithEndpoints(record.data, instances, world);
    // Of several victims the slowest one: only then was the service complete again.
    const slowest = replacements.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
});
