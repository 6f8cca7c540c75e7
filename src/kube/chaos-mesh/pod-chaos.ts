/**
 * The PodChaos objects of Gauntlet: one for each victim. Chaos Mesh deletes by name and ignores uids: only
 * afterwards can it be determined whether it killed the planned pod (or run of a container). Pure.
 */
import type { InstanceLife } from '../../core/acts/instance-acts.ts';
import { describeVictims, isSameVictim, type PodVictim } from '../../core/topology.ts';
import { GROUP, IMPAIRMENT_LABEL, nameOf } from './network-chaos.ts';

/** @param graceSeconds for a whole pod; Chaos Mesh always sends one, by default 0. */
export function podChaos(id: string, index: number, victim: PodVictim, graceSeconds: number): object {
  const { namespace, instance, run } = victim;
  const how =
    run === undefined
      ? { action: 'pod-kill', gracePeriod: graceSeconds }
      : { action: 'container-kill', containerNames: [run.container] };
  return {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: 'PodChaos',
    metadata: { name: nameOf(id, index), namespace, labels: { [IMPAIRMENT_LABEL]: id } },
    spec: { ...how, mode: 'all', selector: { pods: { [namespace]: [instance] } } },
  };
}

const isTaken = ({ marks = [] }: InstanceLife): boolean =>
  marks.some((mark) => mark.name === 'deletion accepted' || mark.name === 'gone');

/** Those that are being deleted or no longer exist. */
export const alreadyTaken = (
  planned: readonly PodVictim[],
  lives: readonly InstanceLife[],
): readonly PodVictim[] =>
  planned.filter((one) => !lives.some((life) => isSameVictim(life, one) && !isTaken(life)));

/**
 * Null: of all objects with these names exactly the planned ones were killed since. Chaos Mesh repeats a kill
 * whose record it could not write, and then hits a successor of the same name.
 * @param before the lives of the same services (or containers) right before the object was created.
 */
export function notExact(
  planned: readonly PodVictim[],
  before: readonly InstanceLife[],
  now: readonly InstanceLife[],
): string | null {
  const others = now.filter(
    (life) =>
      isTaken(life) &&
      planned.some((one) => bearsItsName(life, one)) &&
      !planned.some((one) => isSameVictim(life, one)) &&
      !before.some((old) => isSameVictim(old, life) && isTaken(old)),
  );
  if (others.length > 0) {
    return `killed by the name of a victim, and not planned: ${describeVictims(others)}`;
  }
  const left = alreadyTaken(planned, now).length;
  if (left === planned.length) return null;
  const staying = planned.filter((one) => alreadyTaken([one], now).length === 0);
  return `every record reports Injected, and ${describeVictims(staying)} still runs`;
}

const bearsItsName = (life: InstanceLife, one: PodVictim): boolean =>
  'uid' in life &&
  life.namespace === one.namespace &&
  life.instance === one.instance &&
  life.run?.container === one.run?.container;
