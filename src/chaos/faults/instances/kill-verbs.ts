/**
 * What all kills share: the plan with its undo as data, the signal, the proof of the end, and the way back of
 * the lost.
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
  /** Absent or null: the instance's own time to drain. */
  readonly graceMs?: Ms | null;
  /** A signal from inside a container, whose runs are the instances then; see container-view.ts. */
  readonly inside?: Inside | null;
  /** The author wrote that victims may stay away; absent: no. */
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
  'Nothing is taken back: the platform starts the successor. It counts as removed when the old process is gone and ' +
  'as many instances are ready as before.';

export type KillPlan = FaultPlan<KillAct, KillUndo> & { readonly undo: UndoRecord<KillUndo> };

/** @throws usage or refused when the platform cannot tell of the lives of this service. */
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
  // Read here so that a platform which learns of lives by watching does so before the act, not from its
  // middle.
  await seenAs(needActs(fault, world, ACTS).instances, inside).lives(service);
  const victims = chosen.map(victimOf);
  const { impact, readyLeft } = lossOf(service, ofService, chosen, killing.outageAccepted);
  const { lossAccepted = false } = killing;
  const future = await futureOf(chosen, inside, world, killing.lossAccepted !== undefined);
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
        // Nobody waits for those who were given up.
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

/** The right of the act that really ends the victim. */
function actOf(permission: ActName, { evict, inside, order }: Killing): readonly ActName[] | ActName {
  // The kubelet starts a container again, whoever owns its pod.
  if (permission === 'instances.successors') return inside == null ? permission : [];
  if (permission !== 'instances.signal') return permission;
  if (order != null) return 'instances.order';
  if (inside != null) return 'containers.signal';
  return evict === true ? 'instances.evict' : permission;
}

type Members = 'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed' | 'pod';

/** The members that every kill has alike. */
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

  // A signal cannot lapse: there is nothing that a lease would have to keep up.
  renew: async () => true,

  expect: (plan) => ({
    text: plan.act.survivors
      ? 'the victim is gone, other replicas carry on'
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
    // Of several victims the one that took longest: the service was whole only then.
    const slowest = replacements.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
});
