/** Kills instances of a service by signal; the platform brings successors. Done once, it holds nothing (decision 004). */
import { GauntletError, usageError } from '../../core/errors.ts';
import type { InstanceActs, InstanceState } from '../../core/platform.ts';
import type { Rng } from '../../core/rng.ts';
import { describeVictim, isSameVictim, type Victim, victimOf } from '../../core/topology.ts';
import { formatMs, ms } from '../../core/units.ts';
import type { Fault, FaultPlan } from '../fault.ts';
import { judgeKill, type KillAct } from '../kill-proof.ts';
import { type KillUndo, killRemoved, waysWithEndpoints } from '../kill-removal.ts';
import { KILL_PARAMETERS, type KillSpec, parseKill } from '../kill-spec.ts';
import { podStretches } from '../pod-timeline.ts';
import { needActs, platformTimers, unknownName, type World } from '../world.ts';

/** Twice the default terminationGracePeriodSeconds of Kubernetes. */
const DRAIN_MS = 60_000;

const ACTS = ['instances'] as const;
const PERMISSIONS = ['instances.list', 'instances.signal', 'instances.lives'];

export const killPod: Fault<KillSpec, KillAct, KillUndo> = {
  name: 'kill-pod',
  summary: 'kills instances of a service and watches their successors come back',
  parameters: KILL_PARAMETERS,
  permissions: PERMISSIONS,
  undone:
    'Nothing is taken back: the platform starts the successor. It counts as removed when the old process is gone and ' +
    'as many instances are ready as before.',
  example: 'kill-pod: { service: specialist-business, signal: SIGKILL }',
  parse: parseKill,

  async plan(spec, world) {
    const { instances } = needActs('kill-pod', world, ACTS);
    if ((spec.evict || spec.graceMs !== null) && !instances.removal) throw noRemoval(spec, world);
    const all = await instances.list();
    const ofService = all.filter((one) => one.service === spec.service);
    if (ofService.length === 0) throw nobodyThere(spec.service, all, world);
    // Read here so that a platform which learns of lives by watching does so before the act, not from its middle.
    await instances.lives(spec.service);
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
  removed: (record, world) => killRemoved(record.data, needActs('kill-pod', world, ACTS).instances, world),

  async pod(record, world, times) {
    const { instances } = needActs('kill-pod', world, ACTS);
    const ways = await waysWithEndpoints(record.data, instances, world);
    // Of several victims the one that took longest: the service was whole only then.
    const slowest = ways.sort((a, b) => b.readyAt - a.readyAt)[0];
    return slowest === undefined ? [] : podStretches(times.appliedAt, slowest, times.firstGood);
  },
};

const evicting = (permission: string): string =>
  permission === 'instances.signal' ? 'instances.evict' : permission;

function noRemoval(spec: KillSpec, world: World): GauntletError {
  const subject = `kill-pod.${spec.evict ? 'evict' : 'grace'}`;
  const expected = 'a platform that removes instances itself (kubernetes)';
  const next = 'Leave it out: on this platform a signal is sent.';
  return new GauntletError('refused', [{ subject, expected, got: world.platform.handle.platform, next }]);
}

/** The name is wrong, or on Kubernetes the selector behind it is. */
function nobodyThere(service: string, all: readonly InstanceState[], world: World): GauntletError {
  const services = world.platform.handle.kubernetes?.services;
  const where = services?.[service];
  const subject = 'kill-pod.service';
  if (where === undefined) {
    const known = Object.keys(services ?? {});
    const seen = known.length > 0 ? known : [...new Set(all.map((one) => one.service))].sort();
    return unknownName(subject, 'a service with instances', service, seen);
  }
  const { namespace, selector } = where;
  return usageError({
    subject,
    expected: 'a service with pods',
    got: `"${service}", whose selector ${selector} matches no pod in namespace ${namespace}`,
    next: `Helm charts label with app.kubernetes.io/name: kubectl get pods -n ${namespace} --show-labels`,
  });
}

async function kill(instances: InstanceActs, victim: Victim, act: KillAct): Promise<'sent' | 'gone'> {
  const { signal, graceMs, evict } = act;
  if (!instances.removal || (!evict && graceMs === null)) return await instances.signal(victim, signal);
  const grace = signal === 'SIGKILL' ? ms(0) : graceMs;
  return await (evict ? instances.removal.evict(victim, grace) : instances.removal.remove(victim, grace));
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
    // A pod of Strimzi or of a StatefulSet ends in the id of its broker.
    const pod =
      'uid' in one && one.service.startsWith('kafka') ? /-(\d+)$/.exec(one.instance)?.[1] : undefined;
    const id = broker.exec(one.service)?.[1] ?? broker.exec(one.instance)?.[1] ?? pod;
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
      ...successorTimers(chosen, spec),
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

function successorTimers(chosen: readonly InstanceState[], spec: KillSpec): readonly string[] {
  if (!chosen.some((one) => 'uid' in one)) {
    return [
      `A supervisor restarts what dies, with a back-off (victims restarted so far: ${restarts(chosen)}).`,
    ];
  }
  const owner =
    'The owner of the pod makes a successor: a ReplicaSet at once, a StatefulSet when the old one is gone.';
  if (spec.signal === 'SIGKILL') {
    const shortest =
      "The API forgets the pod at once; its containers may run for 2 s more (kubelet's shortest shutdown).";
    return [owner, shortest];
  }
  const own = 'its own terminationGracePeriodSeconds';
  return [owner, `The pod drains for at most ${spec.graceMs === null ? own : formatMs(spec.graceMs)}.`];
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
