/** What all kills share: the plan with its undo as data, the signal, the proof of the end, and the way back of the lost. */
import type { InstanceState } from '../core/platform.ts';
import type { Victim } from '../core/topology.ts';
import { epochMs } from '../core/units.ts';
import type { Fault, FaultPlan, Parameter, RemovalState, UndoRecord } from './fault.ts';
import { judgeKill, type KillAct } from './kill-proof.ts';
import { isSame, podStretches, wayBack } from './pod-timeline.ts';
import { describeVictim, describeVictims, identity, lossOf, probesOf } from './victims.ts';
import { needActs, platformTimers, type World } from './world.ts';

export type KillUndo = {
  readonly service: string;
  readonly victims: readonly Victim[];
  /** Every instance that was there: none of them is a successor. */
  readonly known: readonly Victim[];
  readonly readyBefore: number;
  /**
   * Epoch ms until which a victim that still runs may be draining after SIGTERM; null for SIGKILL, which nothing survives.
   * Whoever replays this after a crash cannot know whether the signal was ever sent.
   */
  readonly drainUntil: number | null;
};

export interface Killing {
  readonly fault: string;
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly outageAccepted: boolean;
  readonly ofService: readonly InstanceState[];
  readonly chosen: readonly InstanceState[];
}

/** Twice the default terminationGracePeriodSeconds of Kubernetes. */
const DRAIN_MS = 60_000;

const ACTS = ['instances'] as const;
export const KILL_PERMISSIONS = ['instances.list', 'instances.signal', 'instances.lives'];

export const SIGNAL_PARAMETER: Parameter = {
  name: 'signal',
  meaning: 'SIGKILL: it dies at once; SIGTERM: it may drain first',
  unit: '',
  default: 'SIGKILL',
  required: false,
  allowed: 'SIGKILL or SIGTERM',
};

export const KILL_UNDONE =
  'Nothing is taken back: the platform starts the successor. It counts as removed when the old process is gone and ' +
  'as many instances are ready as before.';

export type KillPlan = FaultPlan<KillAct, KillUndo> & { readonly undo: UndoRecord<KillUndo> };

export function killPlan(killing: Killing, world: World): KillPlan {
  const { fault, service, signal, ofService, chosen } = killing;
  const victims = chosen.map(identity);
  const { impact, readyLeft } = lossOf(service, ofService, chosen, killing.outageAccepted);
  const restarts = chosen.map((one) => String(one.restarts)).join(', ');
  return {
    fault,
    victim: describeVictims(chosen),
    victims: chosen.map(describeVictim),
    probes: probesOf(service, chosen, world),
    touches: chosen.map((one) => one.instance),
    timers: [
      `A supervisor restarts what dies, with a back-off (victims restarted so far: ${restarts}).`,
      'Traffic returns when the successor passes its readiness probe, at the period of that probe.',
      ...platformTimers(world, /restart|back|ready|probe|start/i),
    ],
    permissions: KILL_PERMISSIONS,
    impact,
    undo: {
      fault,
      data: {
        service,
        victims,
        known: ofService.map(identity),
        readyBefore: ofService.filter((one) => one.ready).length,
        drainUntil: signal === 'SIGTERM' ? world.clock.now() + DRAIN_MS : null,
      },
    },
    act: { victims, signal, survivors: readyLeft > 0 },
  };
}

type Members = 'apply' | 'renew' | 'expect' | 'undo' | 'removed' | 'pod';

/** The members that every kill has alike. */
export const killed = (fault: string): Required<Pick<Fault<never, KillAct, KillUndo>, Members>> => ({
  async apply(plan, world) {
    const { instances } = needActs(fault, world, ACTS);
    const gone: Victim[] = [];
    for (const victim of plan.act.victims) {
      if ((await instances.signal(victim, plan.act.signal)) === 'gone') gone.push(victim);
    }
    if (gone.length > 0) throw new Error(`${describeVictims(gone)} was gone before the signal was sent`);
  },

  // A signal cannot lapse: there is nothing that a lease would have to keep up.
  renew: async () => true,

  expect: (plan) => ({
    text: plan.act.survivors
      ? 'the victim is gone, other replicas carry on'
      : 'the held connection breaks, a fresh one is refused or reset, and the victim is gone',
    looks: ['instances'],
    judge: (evidence) => judgeKill(plan.act, plan.probes.length > 0, evidence),
  }),

  undo: async () => undefined,
  removed: (record, world) => removed(fault, record.data, world),

  async pod(record, world, times) {
    const { instances } = needActs(fault, world, ACTS);
    const lives = await instances.lives(record.data.service);
    const ways = record.data.victims.flatMap((victim) => wayBack(victim, lives, record.data.known) ?? []);
    // Of several victims the one that took longest: the service was whole only then.
    const slowest = ways.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
});

async function removed(fault: string, undo: KillUndo, world: World): Promise<RemovalState> {
  const { instances } = needActs(fault, world, ACTS);
  const now = await instances.list(undo.service);
  const alive = undo.victims.filter((victim) => now.some((one) => isSame(one, victim)));
  if (alive.length > 0 && undo.drainUntil !== null && world.clock.now() < undo.drainUntil) {
    return { gone: false, evidence: `${describeVictims(alive)} still runs and may be draining` };
  }
  const ready = now.filter((one) => one.ready);
  if (ready.length < undo.readyBefore) {
    const evidence = `${ready.length} of ${undo.readyBefore} instances of ${undo.service} are ready`;
    return { gone: false, evidence };
  }
  const lives = await instances.lives(undo.service);
  const ways = undo.victims.flatMap((victim) => wayBack(victim, lives, undo.known) ?? []);
  const old = alive.length > 0 ? `${describeVictims(alive)} was not killed` : 'the old process is gone';
  const evidence = `${old}, ${ready.length} of ${undo.readyBefore} instances are ready`;
  if (ways.length < undo.victims.length) return { gone: true, evidence };
  return { gone: true, evidence, at: epochMs(Math.max(...ways.map((way) => way.readyAt))) };
}
