/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import { GauntletError } from '../../core/errors.ts';
import type { InstanceActs, InstanceState } from '../../core/platform.ts';
import type { Rng } from '../../core/rng.ts';
import { describeVictim, isSameVictim, type Victim, victimOf } from '../../core/topology.ts';
import { epochMs, type Ms, ms, type Parsed, parseDuration, parseRatio } from '../../core/units.ts';
import type { Fault, FaultPlan, Parameter, RemovalState } from '../fault.ts';
import { judgeKill, type KillAct } from '../kill-proof.ts';
import { oneOf, parseSwitch, SpecReader } from '../parameters.ts';
import { podStretches, waysBack } from '../pod-timeline.ts';
import { needActs, platformTimers, unknownName, type World } from '../world.ts';

type KillSpec = {
  readonly service: string;
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** A share is rounded up to whole instances. */
  readonly mode: 'one' | 'all' | { readonly share: number };
  readonly acceptOutage: boolean;
  readonly evict: boolean;
  /** Time to drain, in whole seconds; null = the instance's own. */
  readonly graceMs: Ms | null;
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
const MODE_ALLOWED = 'one, all, or a share greater than 0% such as 50% (rounded up)';

const GRACE_ALLOWED = 'whole seconds with a unit, such as 30s, together with signal: SIGTERM';

const PARAMETERS: readonly Parameter[] = [
  {
    name: 'service',
    meaning: 'whose instance is killed; the instance is drawn by the seed when the fault fires',
    unit: '',
    default: null,
    required: true,
    allowed: 'the name of a service of the target, such as specialist-business',
  },
  {
    name: 'signal',
    meaning: 'SIGKILL: it dies at once; SIGTERM: it may drain first',
    unit: '',
    default: 'SIGKILL',
    required: false,
    allowed: 'SIGKILL or SIGTERM',
  },
  {
    name: 'mode',
    meaning: 'how many of the ready instances',
    unit: '',
    default: 'one',
    required: false,
    allowed: MODE_ALLOWED,
  },
  {
    name: 'grace',
    meaning:
      'time to drain after SIGTERM, on platforms that remove instances (Kubernetes); without it the pod has its own',
    unit: 'duration',
    default: null,
    required: false,
    allowed: GRACE_ALLOWED,
  },
  {
    name: 'evict',
    meaning:
      'asks the disruption budget first (Kubernetes eviction); a budget that says no refuses the fault',
    unit: '',
    default: 'false',
    required: false,
    allowed: 'true or false',
  },
  {
    name: 'accept-outage',
    meaning: 'declares that a service with several replicas may be left without a ready one',
    unit: '',
    default: 'false',
    required: false,
    allowed: 'true or false',
  },
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
    const evict = reader.take('evict', parseSwitch);
    const grace = reader.take('grace', parseGrace);
    if (grace !== undefined && signal === 'SIGKILL') {
      reader.add('grace', GRACE_ALLOWED, 'signal SIGKILL, which leaves no time');
    }
    const complete =
      evict !== undefined && service !== undefined && signal !== undefined && mode !== undefined;
    if (reader.problems.length > 0 || !complete || acceptOutage === undefined) {
      return { ok: false, problems: reader.problems };
    }
    const spec = { service, signal, mode, acceptOutage, evict, graceMs: grace ?? null };
    return { ok: true, spec, holdMs: null };
  },

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
    if ((spec.evict || spec.graceMs !== null) && !instances.removal) throw noRemoval(spec, world);
    const all = await instances.list();
    const ofService = all.filter((one) => one.service === spec.service);
    if (ofService.length === 0) {
      const known = [...new Set(all.map((one) => one.service))].sort();
      throw unknownName('kill-pod.service', 'a service with instances', spec.service, known);
    }
    const ready = ofService.filter((one) => one.ready);
    const victims = draw(ready.length > 0 ? ready : ofService, spec.mode, world.rng);
    return killPlan(spec, ofService, victims, world);
  },

  async apply(plan, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
    const gone: string[] = [];
    for (const victim of plan.act.victims) {
      if ((await kill(instances, victim, plan.act)) === 'gone') gone.push(describeVictim(victim));
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
    const ways = [...waysBack(record.data.victims, lives, record.data.known)];
    // Of several victims the one that took longest: the service was whole only then.
    const slowest = ways.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
};

function parseService(value: unknown): Parsed<string> {
  return typeof value === 'string' && value.trim() !== ''
    ? { ok: true, value }
    : { ok: false, expected: 'the name of a service, such as specialist-business' };
}

/** Kubernetes knows whole seconds only. */
function parseGrace(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  return parsed.ok && parsed.value > 0 && parsed.value % 1000 === 0
    ? parsed
    : { ok: false, expected: GRACE_ALLOWED };
}

const evicting = (permission: string): string =>
  permission === 'instances.signal' ? 'instances.evict' : permission;

function noRemoval(spec: KillSpec, world: World): GauntletError {
  const subject = `kill-pod.${spec.evict ? 'evict' : 'grace'}`;
  const expected = 'a platform that removes instances itself (kubernetes)';
  const next = 'Leave it out: on this platform a signal is sent.';
  return new GauntletError('refused', [{ subject, expected, got: world.platform.handle.platform, next }]);
}

async function kill(instances: InstanceActs, victim: Victim, act: KillAct): Promise<'sent' | 'gone'> {
  const { signal, graceMs, evict } = act;
  if (!instances.removal || (!evict && graceMs === null)) return await instances.signal(victim, signal);
  const grace = signal === 'SIGKILL' ? ms(0) : graceMs;
  return await (evict ? instances.removal.evict(victim, grace) : instances.removal.remove(victim, grace));
}

function parseMode(value: unknown): Parsed<KillSpec['mode']> {
  if (value === 'one' || value === 'all') return { ok: true, value };
  const share = parseRatio(value);
  return share.ok && share.value > 0
    ? { ok: true, value: { share: share.value } }
    : { ok: false, expected: MODE_ALLOWED };
}

function draw(from: readonly InstanceState[], mode: KillSpec['mode'], rng: Rng): readonly InstanceState[] {
  const wanted =
    mode === 'all' ? from.length : mode === 'one' ? 1 : Math.max(1, Math.ceil(from.length * mode.share));
  const left = [...from];
  return Array.from({ length: wanted }, () => left.splice(rng.below(left.length), 1)).flat();
}

function killPlan(
  spec: KillSpec,
  ofService: readonly InstanceState[],
  chosen: readonly InstanceState[],
  world: World,
): FaultPlan<KillAct, KillUndo> {
  const victims = chosen.map(victimOf);
  const ready = ofService.filter((one) => one.ready);
  const readyLeft = ready.filter((one) => !victims.some((victim) => isSameVictim(victim, one))).length;
  const broker = /^kafka-(\d+)$/;
  const brokersLost = chosen.flatMap((one) => {
    const id = broker.exec(one.service)?.[1] ?? broker.exec(one.instance)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
  const names = chosen.map(describeVictim);
  return {
    fault: 'kill-pod',
    victim: names.join(', '),
    victims: names,
    probes: probesOf(spec.service, chosen, world),
    touches: chosen.map((one) => one.instance),
    timers: [
      `A supervisor restarts what dies, with a back-off (victims restarted so far: ${restarts(chosen)}).`,
      'Traffic returns when the successor passes its readiness probe, at the period of that probe.',
      ...platformTimers(world, /restart|back|ready|probe|start|clock/i),
    ],
    permissions: spec.evict ? PERMISSIONS.map(evicting) : PERMISSIONS,
    impact: {
      services: [...new Set([spec.service, ...chosen.map((one) => one.instance)])],
      killed: [{ service: spec.service, victims: victims.length, replicas: ofService.length, readyLeft }],
      instances: victims,
      brokersLost,
      outageAccepted: spec.acceptOutage,
    },
    undo: {
      fault: 'kill-pod',
      data: {
        service: spec.service,
        victims,
        known: ofService.map(victimOf),
        readyBefore: ready.length,
        drainUntil: spec.signal === 'SIGTERM' ? world.clock.now() + DRAIN_MS + (spec.graceMs ?? 0) : null,
      },
    },
    act: { victims, signal: spec.signal, survivors: readyLeft > 0, evict: spec.evict, graceMs: spec.graceMs },
  };
}

const restarts = (chosen: readonly InstanceState[]): string =>
  chosen.map((one) => String(one.restarts)).join(', ');

/** The service's own dependency, where the target has an address for it; else nobody can see it from outside. */
function probesOf(service: string, chosen: readonly Victim[], world: World): readonly string[] {
  const topology = world.platform.topology;
  const known = [
    ...(topology.gateway ? ['gateway'] : []),
    ...(topology.redis ? ['redis'] : []),
    ...(topology.kafka?.brokers ?? []).map((one) => `kafka-${one.id}`),
    ...Object.keys(topology.specialists).map((name) => `specialist-${name}`),
  ];
  return known.filter((name) => name === service || chosen.some((one) => one.instance === name));
}

async function removed(undo: KillUndo, world: World): Promise<RemovalState> {
  const { instances } = needActs('kill-pod', world, ACTS);
  const now = await instances.list(undo.service);
  const alive = undo.victims.filter((victim) => now.some((one) => isSameVictim(one, victim)));
  if (alive.length > 0 && undo.drainUntil !== null && world.clock.now() < undo.drainUntil) {
    return {
      gone: false,
      evidence: `${alive.map(describeVictim).join(', ')} still runs and may be draining`,
    };
  }
  const ready = now.filter((one) => one.ready);
  if (ready.length < undo.readyBefore) {
    const evidence = `${ready.length} of ${undo.readyBefore} instances of ${undo.service} are ready`;
    return { gone: false, evidence };
  }
  const lives = await instances.lives(undo.service);
  const ways = waysBack(undo.victims, lives, undo.known);
  const old =
    alive.length > 0 ? `${alive.map(describeVictim).join(', ')} was not killed` : 'the old process is gone';
  const evidence = `${old}, ${ready.length} of ${undo.readyBefore} instances are ready`;
  if (ways.length < undo.victims.length) return { gone: true, evidence };
  return { gone: true, evidence, at: epochMs(Math.max(...ways.map((way) => way.readyAt))) };
}
