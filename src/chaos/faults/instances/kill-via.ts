/**
 * How an instance is killed (`via`): as the platform ends instances, by a signal inside a container, or by
 * Chaos Mesh; the parameters for it, and their requirements on a pod.
 */
import { oneOf } from '../../../config/forms.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import { GauntletError, usageError } from '../../../core/errors.ts';
import { describeVictim } from '../../../core/topology.ts';
import type { FaultPlan } from '../../fault.ts';
import { type Checking, matching, parameter } from '../../parameters.ts';
import { unknownName, type World } from '../../world.ts';
import type { Inside } from './container-view.ts';
import type { KillAct } from './kill-proof.ts';

export type Via = {
  readonly kind: 'platform' | 'signal' | 'chaos-mesh';
  /** Null = the only one of the pod; with chaos-mesh the whole pod. */
  readonly container: string | null;
  readonly process: string | null;
};

const NAME_ALLOWED = 'a name without spaces, together with via: signal';
const CONTAINER_ALLOWED = 'a name without spaces, together with via: signal or chaos-mesh';

export const containerName = (expected: string) => matching(/^\S+$/, expected);

export const VIA_PARAMETERS = {
  via: parameter(oneOf(['platform', 'signal', 'chaos-mesh']), {
    meaning:
      'platform: as the platform ends instances (Kubernetes deletes the pod); signal: a signal to the process, on ' +
      'Kubernetes from inside its container, which the kubelet starts again in the same pod; chaos-mesh: a PodChaos of the ' +
      'Chaos Mesh that is installed there (kubernetes.backend)',
    allowed: 'platform, signal or chaos-mesh',
  }).prefault('platform'),
  container: parameter(containerName(CONTAINER_ALLOWED), {
    meaning:
      'with via: signal, in which container (Kubernetes), needed where a pod has several; with via: chaos-mesh, which ' +
      'container is killed instead of the pod',
    allowed: CONTAINER_ALLOWED,
  }).optional(),
  process: parameter(containerName(NAME_ALLOWED), {
    meaning:
      'with via: signal, another process than the main one of the container (Kubernetes): its name as in /proc/PID/comm',
    allowed: NAME_ALLOWED,
  }).optional(),
};

export interface GivenVia {
  readonly via?: Via['kind'] | undefined;
  readonly container?: string | undefined;
  readonly process?: string | undefined;
}

export const viaOf = ({ via = 'platform', container, process }: GivenVia): Via => ({
  kind: via,
  container: container ?? null,
  process: process ?? null,
});

/** Parameters that each way to kill does not support. */
export function checkVia(
  given: GivenVia & { readonly evict?: boolean | undefined },
  checking: Checking,
): void {
  const { has, add } = checking;
  const { via, container, evict = false } = given;
  if (via === undefined) return;
  if (via === 'platform') {
    if (has('container')) add('container', CONTAINER_ALLOWED, 'via platform');
    if (has('process')) add('process', NAME_ALLOWED, 'via platform');
  } else if (via === 'chaos-mesh') {
    refuseForOrder(checking, container !== undefined, evict);
  } else if (has('grace')) {
    add('grace', 'via: platform', 'via: signal, where the process itself decides how long it drains');
  } else if (evict) {
    add('evict', 'via: platform', 'via: signal, which asks no disruption budget');
  }
}

function refuseForOrder({ has, add }: Checking, ofContainer: boolean, evict: boolean): void {
  if (has('process')) add('process', NAME_ALLOWED, 'via chaos-mesh');
  if (evict) add('evict', 'via: platform', 'via: chaos-mesh, which asks no disruption budget');
  if (!ofContainer || !has('grace')) return;
  add('grace', 'no container with via: chaos-mesh', 'the container-kill of Chaos Mesh, which leaves no time');
}

/**
 * The destination of the signal; null = the instance itself, which is a separate process in the sandbox.
 * @throws usage for a container that does not exist, refused where a signal from inside cannot have its
 * effect.
 */
export function insideOf(
  fault: string,
  via: Via,
  signal: 'SIGKILL' | 'SIGTERM',
  chosen: readonly InstanceState[],
  world: World,
): Inside | null {
  if (via.kind === 'platform' || (via.kind === 'chaos-mesh' && via.container === null)) return null;
  if (chosen.every((one) => !('uid' in one))) return refuseNames(fault, via, world);
  const container = via.container ?? onlyContainer(fault, chosen);
  for (const one of chosen) checkPod(fault, one, container, signal, via);
  return { container, process: via.process };
}

function refuseNames(fault: string, via: Via, world: World): null {
  const given = (['container', 'process'] as const).filter((key) => via[key] !== null);
  if (given.length === 0) return null;
  throw new GauntletError(
    'refused',
    given.map((key) => ({
      subject: `${fault}.${key}`,
      expected: 'a platform whose instances are pods (kubernetes)',
      got: world.platform.handle.platform,
      next: 'Leave it out: here an instance is one process.',
    })),
  );
}

export function onlyContainer(fault: string, chosen: readonly InstanceState[]): string {
  const names = [...new Set(chosen.flatMap((one) => one.inside?.containers.map((each) => each.name) ?? []))];
  if (names.length === 1 && names[0] !== undefined) return names[0];
  throw usageError({
    subject: `${fault}.container`,
    expected: `one of ${names.join(', ')}`,
    got: 'nothing',
    next: 'The pod has several containers: name one.',
  });
}

function checkPod(
  fault: string,
  one: InstanceState,
  container: string,
  signal: string,
  { kind, process }: Via,
): void {
  const { containers = [], restarts = true, isFirstProcess = true } = one.inside ?? {};
  const found = containers.find((each) => each.name === container);
  const names = containers.map((each) => each.name);
  if (found === undefined) {
    throw unknownName(`${fault}.container`, `a container of ${one.instance}`, container, names);
  }
  const refuse = (expected: string, got: string, next: string): GauntletError =>
    new GauntletError('refused', [{ subject: `${fault} on ${describeVictim(one)}`, expected, got, next }]);
  if (found.id === null) {
    const got = `none that runs now (restarted ${found.restarts} times)`;
    throw refuse(`a running container ${container}`, got, 'Wait until the kubelet has started it again.');
  }
  if (!restarts) {
    const next = `Leave out via: ${kind}.`;
    throw refuse('restartPolicy: Always, so that the container comes back', 'another restartPolicy', next);
  }
  if (kind === 'signal' && signal === 'SIGKILL' && isFirstProcess && process === null) {
    throw refuse(
      'a process that SIGKILL from inside its container can end',
      'process 1 of its own pid namespace, for which the kernel drops SIGKILL from within',
      'Use signal: SIGTERM, name a child with process, set shareProcessNamespace: true in the pod, or leave out via: signal.',
    );
  }
}

/**
 * Checks from inside whether the signal could arrive, so that an impossible kill is refused before the
 * attempt. Skips pods that the platform protects: the guards, which come next, give the reasons.
 * @throws refused with the obstacle.
 */
export async function lookInside(
  inside: Inside | null,
  plan: Pick<FaultPlan<KillAct>, 'act' | 'permissions'>,
  world: World,
): Promise<void> {
  const { instances, guard } = world.platform;
  const { victims, signal } = plan.act;
  if (inside === null || instances?.containers === undefined) return;
  const refusals =
    guard === undefined ? [] : await guard.refusals(victims, plan.permissions).catch(() => null);
  if (refusals === null || refusals.length > 0) return;
  for (const victim of victims) await instances.containers.checkSignal(victim, signal, inside.process);
}
