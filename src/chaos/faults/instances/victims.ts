/**
 * The common parts of all faults on instances: which to choose, how that is written, which probe observes it,
 * and what the guards need to know. A victim is its pid and start time, or a pod's uid: its successor is
 * another identity.
 */

import { reading } from '../../../config/words/word.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { didYouMean } from '../../../core/did-you-mean.ts';
import { GauntletError, type Problem, usageError } from '../../../core/errors.ts';
import { own } from '../../../core/own.ts';
import type { Rng } from '../../../core/rng.ts';
import { dependencies, isSameVictim, type Victim, victimOf } from '../../../core/topology.ts';
import { type Parsed, parseRatio } from '../../../core/units.ts';
import type { Impact } from '../../fault.ts';
import { declared, matching, parameter } from '../../parameters.ts';
import { speakersOf } from '../../speakers.ts';
import { needActs, unknownName, type World } from '../../world.ts';
import { brokerIdIn } from './broker-choice.ts';

/** A share is rounded up to whole instances. */
export type Mode = 'one' | 'all' | { readonly share: number };

const MODE_ALLOWED = 'one, all, or a share greater than 0% such as 50% (rounded up)';

/** @param done what happens to the instance, such as `killed`. */
export const serviceParameter = (done: string) =>
  parameter(matching(/\S/, 'the name of a service, such as orders'), {
    meaning: `the service whose instance is ${done}; the seed draws the instance when the fault fires`,
    allowed: 'the name of a service of the target, such as orders',
  });

export const OUTAGE_PARAMETER = declared(
  'declares that a service with several replicas may be left without a ready one',
);

export const LOSS_PARAMETER = declared(
  'declares that a victim may be lost for good: a pod without an owner, or one whose owner creates no successor',
);

function parseMode(value: unknown): Parsed<Mode> {
  if (value === 'one' || value === 'all') return { ok: true, value };
  const share = parseRatio(value);
  return share.ok && share.value > 0
    ? { ok: true, value: { share: share.value } }
    : { ok: false, expected: MODE_ALLOWED, ...didYouMean(String(value), ['one', 'all']) };
}

export const MODE_PARAMETER = parameter(reading(parseMode, { type: 'string' }), {
  meaning: 'how many of the ready instances',
  allowed: MODE_ALLOWED,
}).prefault('one');

/**
 * @throws usage error that lists the services when this one has no instance, or names the selector that finds
 * no pod.
 */
export async function instancesOf(
  fault: string,
  service: string,
  world: World,
): Promise<readonly InstanceState[]> {
  const all = await needActs(fault, world, ['instances']).instances.list();
  const ofService = all.filter((one) => one.service === service);
  if (ofService.length === 0) throw await nobodyThere(`${fault}.service`, service, all, world);
  return ofService;
}

/** The name is wrong, on Kubernetes its selector, or nothing proves which instance a broker is. */
async function nobodyThere(
  subject: string,
  service: string,
  all: readonly InstanceState[],
  world: World,
): Promise<GauntletError> {
  const unproven = unprovenOf(service, world);
  if (unproven.length > 0) return new GauntletError('refused', unproven);
  const services = world.platform.handle.kubernetes?.services;
  const where = services && own(services, service);
  if (where === undefined) {
    const known = Object.keys(services ?? {});
    const seen = known.length > 0 ? known : [...new Set(all.map((one) => one.service))].sort();
    return unknownName(subject, 'a service with instances', service, seen);
  }
  const { namespace, selector } = where;
  const labels = (await world.platform.instances?.labelsNear?.(service).catch(() => [])) ?? [];
  const hint = didYouMean(selector, labels).next;
  return usageError({
    subject,
    expected: 'a service with pods',
    got: `"${service}", whose selector ${selector} matches no pod in namespace ${namespace}`,
    next: `${hint === undefined ? '' : `${hint} `}Helm charts label with app.kubernetes.io/name: kubectl get pods -n ${namespace} --show-labels`,
  });
}

/** Why a broker, or each broker of a Kafka, has no instance here. */
function unprovenOf(service: string, { platform }: World): readonly Problem[] {
  const all = platform.instances?.unproven ?? {};
  const whole = own(all, service);
  if (whole !== undefined) return whole;
  const [, problems = []] =
    Object.entries(all).find(([kafka]) => brokerIdIn(kafka, service) !== undefined) ?? [];
  // What is said of no broker is true of each.
  return problems.filter((one) => one.subject === service || !/-\d+$/.test(one.subject));
}

/** As many as the mode selects, preferring ready ones. */
export function draw<State extends InstanceState>(
  all: readonly State[],
  mode: Mode,
  rng: Rng,
): readonly State[] {
  const ready = all.filter((one) => one.ready);
  const left = [...(ready.length > 0 ? ready : all)];
  const wanted =
    mode === 'all' ? left.length : mode === 'one' ? 1 : Math.max(1, Math.ceil(left.length * mode.share));
  return Array.from({ length: wanted }, () => left.splice(rng.below(left.length), 1)).flat();
}

/** The broker ids of an instance in a Kafka: one or none. */
export function brokerOf(one: InstanceState, kafka: string): readonly number[] {
  // Numbers of containers and processes are no ids: only as a service of its own is such a broker proven.
  const isPod = 'uid' in one;
  const id =
    brokerIdIn(kafka, one.service) ??
    (isPod ? brokerIdIn(kafka, one.instance) : undefined) ??
    // An instance of a Strimzi cluster or of a StatefulSet ends with the id of its broker.
    (isPod && (one.service === kafka || one.service.startsWith(`${kafka}-`))
      ? /-(\d+)$/.exec(one.instance)?.[1]
      : undefined);
  return id === undefined ? [] : [Number(id)];
}

/** What the service loses with the chosen victims, for the guards. */
export function lossOf(
  service: string,
  ofService: readonly InstanceState[],
  chosen: readonly InstanceState[],
  outageAccepted: boolean,
  world: World,
): { readonly impact: Impact; readonly readyLeft: number } {
  const ready = ofService.filter((one) => one.ready);
  const readyLeft = ready.filter((one) => !chosen.some((victim) => isSameVictim(victim, one))).length;
  const [kafka] = speakersOf('kafka', world).filter((name) =>
    chosen.some((one) => brokerOf(one, name).length > 0),
  );
  const impact: Impact = {
    services: [...new Set([service, ...chosen.map((one) => one.instance)])],
    killed: [{ service, victims: chosen.length, replicas: ofService.length, readyLeft }],
    instances: chosen.map(victimOf),
    brokersLost: kafka === undefined ? [] : chosen.flatMap((one) => brokerOf(one, kafka)),
    ...(kafka !== undefined && { kafka }),
    outageAccepted,
  };
  return { impact, readyLeft };
}

/**
 * The service's own dependency, where the target has an address for it; otherwise no probe can observe it
 * from outside.
 */
export const probesOf = (service: string, chosen: readonly Victim[], world: World): readonly string[] =>
  dependencies(world.platform.topology).filter(
    (name) => name === service || chosen.some((one) => one.instance === name),
  );
