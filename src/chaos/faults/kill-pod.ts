/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import type { InstanceState } from '../../core/platform.ts';
import type { Rng } from '../../core/rng.ts';
import { describeVictim, isSameVictim, type Victim, victimOf } from '../../core/topology.ts';
import { epochMs, type Parsed, parseRatio } from '../../core/units.ts';
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
    const complete = service !== undefined && signal !== undefined && mode !== undefined;
    if (reader.problems.length > 0 || !complete || acceptOutage === undefined) {
      return { ok: false, problems: reader.problems };
    }
    return { ok: true, spec: { service, signal, mode, acceptOutage }, holdMs: null };
  },

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
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
      ...platformTimers(world, /restart|back|ready|probe|start/i),
    ],
    permissions: PERMISSIONS,
    impact: {
      services: [...new Set([spec.service, ...chosen.map((one) => one.instance)])],
      killed: [{ service: spec.service, victims: victims.length, replicas: ofService.length, readyLeft }],
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
        drainUntil: spec.signal === 'SIGTERM' ? world.clock.now() + DRAIN_MS : null,
      },
    },
    act: { victims, signal: spec.signal, survivors: readyLeft > 0 },
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
