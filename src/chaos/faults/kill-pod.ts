/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import type { InstanceState } from '../../core/platform.ts';
import type { Victim } from '../../core/topology.ts';
import { epochMs } from '../../core/units.ts';
import type { Fault, FaultPlan, Parameter, RemovalState } from '../fault.ts';
import { judgeKill, type KillAct } from '../kill-proof.ts';
import { oneOf, parseSwitch, SpecReader } from '../parameters.ts';
import { isSame, podStretches, wayBack } from '../pod-timeline.ts';
import {
  describeVictim,
  describeVictims,
  draw,
  identity,
  instancesOf,
  lossOf,
  MODE_PARAMETER,
  type Mode,
  OUTAGE_PARAMETER,
  parseMode,
  parseService,
  probesOf,
  serviceParameter,
} from '../victims.ts';
import { needActs, platformTimers, type World } from '../world.ts';

type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  readonly mode: Mode;
  readonly acceptOutage: boolean;
};

type KillUndo = {
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

/** Twice the default terminationGracePeriodSeconds of Kubernetes. */
const DRAIN_MS = 60_000;

const ACTS = ['instances'] as const;
const PERMISSIONS = ['instances.list', 'instances.signal', 'instances.lives'];

const PARAMETERS: readonly Parameter[] = [
  serviceParameter('killed'),
  {
    name: 'signal',
    meaning: 'SIGKILL: it dies at once; SIGTERM: it may drain first',
    unit: '',
    default: 'SIGKILL',
    required: false,
    allowed: 'SIGKILL or SIGTERM',
  },
  MODE_PARAMETER,
  OUTAGE_PARAMETER,
];

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: 'kill-pod',
  summary: 'kills instances of a service and watches their successors come back',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  undone:
    'Nothing is taken back: the platform starts the successor. It counts as removed when the old process is gone and ' +
    'as many instances are ready as before.',
  example: 'kill-pod: { service: specialist-business, signal: SIGKILL }',

  parse(raw) {
    const reader = new SpecReader(raw, PARAMETERS);
    const service = reader.take('service', parseService);
    const signal = reader.take('signal', oneOf('SIGKILL', 'SIGTERM'));
    const mode = reader.take('mode', parseMode);
    const acceptOutage = reader.take('accept-outage', parseSwitch);
    const complete = service !== undefined && signal !== undefined && mode !== undefined;
    if (reader.problems.length > 0 || !complete || acceptOutage === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { service, signal, mode, acceptOutage }, holdMs: null };
  },

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
    const ofService = await instancesOf('kill-pod', spec.service, () => instances.list());
    return killPlan(spec, ofService, draw(ofService, spec.mode, world.rng), world);
  },

  async apply(plan, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
    const gone: string[] = [];
    for (const victim of plan.act.victims) {
      if ((await instances.signal(victim, plan.act.signal)) === 'gone') gone.push(describeVictim(victim));
    }
    if (gone.length > 0) throw new Error(`${gone.join(', ')} was gone before the signal was sent`);
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
  removed: (record, world) => removed(record.data, world),

  async pod(record, world, times) {
    const { instances } = needActs('kill-pod', world, ACTS);
    const lives = await instances.lives(record.data.service);
    const ways = record.data.victims.flatMap((victim) => wayBack(victim, lives, record.data.known) ?? []);
    // Of several victims the one that took longest: the service was whole only then.
    const slowest = ways.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
};

function killPlan(
  spec: KillSpec,
  ofService: readonly InstanceState[],
  chosen: readonly InstanceState[],
  world: World,
): FaultPlan<KillAct, KillUndo> {
  const victims = chosen.map(identity);
  const { impact, readyLeft } = lossOf(spec.service, ofService, chosen, spec.acceptOutage);
  return {
    fault: 'kill-pod',
    victim: describeVictims(chosen),
    victims: chosen.map(describeVictim),
    probes: probesOf(spec.service, chosen, world),
    touches: chosen.map((one) => one.instance),
    timers: [
      `A supervisor restarts what dies, with a back-off (victims restarted so far: ${restarts(chosen)}).`,
      'Traffic returns when the successor passes its readiness probe, at the period of that probe.',
      ...platformTimers(world, /restart|back|ready|probe|start/i),
    ],
    permissions: PERMISSIONS,
    impact,
    undo: {
      fault: 'kill-pod',
      data: {
        service: spec.service,
        victims,
        known: ofService.map(identity),
        readyBefore: ofService.filter((one) => one.ready).length,
        drainUntil: spec.signal === 'SIGTERM' ? world.clock.now() + DRAIN_MS : null,
      },
    },
    act: { victims, signal: spec.signal, survivors: readyLeft > 0 },
  };
}

const restarts = (chosen: readonly InstanceState[]): string =>
  chosen.map((one) => String(one.restarts)).join(', ');

async function removed(undo: KillUndo, world: World): Promise<RemovalState> {
  const { instances } = needActs('kill-pod', world, ACTS);
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
