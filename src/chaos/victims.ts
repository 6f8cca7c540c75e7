/**
 * What all faults on instances share: whom to take, how that is written, who can see it, and what the guards must know.
 * A victim is its pid and start time, or the uid of its pod: whoever comes after it is somebody else.
 */
import { usageError } from '../core/errors.ts';
import type { InstanceState } from '../core/platform.ts';
import type { Rng } from '../core/rng.ts';
import type { Topology, Victim } from '../core/topology.ts';
import { type Parsed, parseRatio } from '../core/units.ts';
import type { Impact, Parameter } from './fault.ts';
import { isSame } from './pod-timeline.ts';
import { unknownName, type World } from './world.ts';

/** A share is rounded up to whole instances. */
export type Mode = 'one' | 'all' | { readonly share: number };

const MODE_ALLOWED = 'one, all, or a share greater than 0% such as 50% (rounded up)';

/** @param done what happens to the instance, such as `killed`. */
export const serviceParameter = (done: string): Parameter => ({
  name: 'service',
  meaning: `whose instance is ${done}; the instance is drawn by the seed when the fault fires`,
  unit: '',
  default: null,
  required: true,
  allowed: 'the name of a service of the target, such as specialist-business',
});

export const MODE_PARAMETER: Parameter = {
  name: 'mode',
  meaning: 'how many of the ready instances',
  unit: '',
  default: 'one',
  required: false,
  allowed: MODE_ALLOWED,
};

export const OUTAGE_PARAMETER: Parameter = {
  name: 'accept-outage',
  meaning: 'declares that a service with several replicas may be left without a ready one',
  unit: '',
  default: 'false',
  required: false,
  allowed: 'true or false',
};

export function parseService(value: unknown): Parsed<string> {
  return typeof value === 'string' && value.trim() !== ''
    ? { ok: true, value }
    : { ok: false, expected: 'the name of a service, such as specialist-business' };
}

export function parseMode(value: unknown): Parsed<Mode> {
  if (value === 'one' || value === 'all') return { ok: true, value };
  const share = parseRatio(value);
  return share.ok && share.value > 0
    ? { ok: true, value: { share: share.value } }
    : { ok: false, expected: MODE_ALLOWED };
}

/** @throws usage error when this service has no instance: it lists those that have, or names the selector behind it. */
export async function instancesOf(
  fault: string,
  service: string,
  list: () => Promise<readonly InstanceState[]>,
  world?: World,
): Promise<readonly InstanceState[]> {
  const all = await list();
  const ofService = all.filter((one) => one.service === service);
  if (ofService.length > 0) return ofService;
  const subject = `${fault}.service`;
  const services = world?.platform.handle.kubernetes?.services;
  const where = services?.[service];
  if (where === undefined) {
    const known = Object.keys(services ?? {});
    const seen = known.length > 0 ? known : [...new Set(all.map((one) => one.service))].sort();
    throw unknownName(subject, 'a service with instances', service, seen);
  }
  const { namespace, selector } = where;
  throw usageError({
    subject,
    expected: 'a service with pods',
    got: `"${service}", whose selector ${selector} matches no pod in namespace ${namespace}`,
    next: `Helm charts label with app.kubernetes.io/name: kubectl get pods -n ${namespace} --show-labels`,
  });
}

/** So many as the mode says, among the ready ones where there are any. */
export function draw(all: readonly InstanceState[], mode: Mode, rng: Rng): readonly InstanceState[] {
  const ready = all.filter((one) => one.ready);
  const left = [...(ready.length > 0 ? ready : all)];
  const wanted =
    mode === 'all' ? left.length : mode === 'one' ? 1 : Math.max(1, Math.ceil(left.length * mode.share));
  return Array.from({ length: wanted }, () => left.splice(rng.below(left.length), 1)).flat();
}

const BROKER = /^kafka-(\d+)$/;

/** What the service loses with the chosen ones, for the guards. */
export function lossOf(
  service: string,
  ofService: readonly InstanceState[],
  chosen: readonly InstanceState[],
  outageAccepted: boolean,
): { readonly impact: Impact; readonly readyLeft: number } {
  const ready = ofService.filter((one) => one.ready);
  const readyLeft = ready.filter((one) => !chosen.some((victim) => isSame(victim, one))).length;
  const brokersLost = chosen.flatMap((one) => {
    // A pod of Strimzi or of a StatefulSet ends in the id of its broker.
    const pod =
      'uid' in one && one.service.startsWith('kafka') ? /-(\d+)$/.exec(one.instance)?.[1] : undefined;
    const id = BROKER.exec(one.service)?.[1] ?? BROKER.exec(one.instance)?.[1] ?? pod;
    return id === undefined ? [] : [Number(id)];
  });
  const impact = {
    services: [...new Set([service, ...chosen.map((one) => one.instance)])],
    killed: [{ service, victims: chosen.length, replicas: ofService.length, readyLeft }],
    instances: chosen.map(identity),
    brokersLost,
    outageAccepted,
  };
  return { impact, readyLeft };
}

/** The dependencies of a target that have an address, as `ProbeFeed.watch` names them. */
export const dependencies = (topology: Topology): readonly string[] => [
  ...(topology.gateway ? ['gateway'] : []),
  ...(topology.redis ? ['redis'] : []),
  ...(topology.kafka?.brokers ?? []).map((broker) => `kafka-${broker.id}`),
  ...Object.keys(topology.specialists).map((name) => `specialist-${name}`),
];

/** The service's own dependency, where the target has an address for it; else nobody can see it from outside. */
export const probesOf = (service: string, chosen: readonly Victim[], world: World): readonly string[] =>
  dependencies(world.platform.topology).filter(
    (name) => name === service || chosen.some((one) => one.instance === name),
  );

/** Only the identity of what may carry more. */
export const identity = (one: Victim): Victim => {
  const { service, instance } = one;
  return 'uid' in one
    ? { service, instance, namespace: one.namespace, uid: one.uid }
    : { service, instance, pid: one.pid, startTicks: one.startTicks };
};

/** `specialist-business (pid 4711)`, `specialist-business-7d9-x2 (uid 1b0f3c2e)`. */
export const describeVictim = (one: Victim): string =>
  'uid' in one ? `${one.instance} (uid ${one.uid.slice(0, 8)})` : `${one.instance} (pid ${one.pid})`;
export const describeVictims = (some: readonly Victim[]): string => some.map(describeVictim).join(', ');
