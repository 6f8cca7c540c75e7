/**
 * CPU stress where instances are pods: Chaos Mesh starts spinners in a container of each victim, within its
 * CPU limit.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { InstanceState } from '../../../core/acts/instance-acts.ts';
import type { PodStressActs } from '../../../core/acts/pod-stress-acts.ts';
import { MOST_WORKERS } from '../../../core/acts/stress-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { describeVictim, describeVictims, type PodVictim, victimOf } from '../../../core/topology.ts';
import { ms } from '../../../core/units.ts';
import { parameter } from '../../parameters.ts';
import { countShape, idShape, podShape } from '../../undo-shapes.ts';
import { unknownName, type World } from '../../world.ts';
import { runOf } from '../instances/container-view.ts';
import { containerName, onlyContainer } from '../instances/kill-via.ts';
import { draw, instancesOf, probesOf } from '../instances/victims.ts';
import { type CpuMeans, EXPECTED, NAME, slowing } from './cpu-stressing.ts';
import { judgePodRelief, judgePodStress, type PodStressAct, predictedCost } from './pod-stress-proof.ts';

/** The id is never reused; the runs of containers show later which of them may still have a spinner. */
export type PodStressUndo = PodStressAct;

export const podStressUndoShape = z.object({
  id: idShape,
  pods: z.array(z.object({ victim: podShape, limitCpus: z.number().nonnegative() })),
  workers: countShape,
  holdMs: z.number().nonnegative(),
});

const PERMISSIONS: readonly ActName[] = [
  'instances.list',
  'podStress.begin',
  'podStress.renew',
  'podStress.end',
];
/** A shorter wait cannot be distinguished from the waiting on a busy node. */
const LEAST_PREDICTED = 1;
const CONTAINER_ALLOWED = 'a name without spaces';

export const CONTAINER_PARAMETER = parameter(containerName(CONTAINER_ALLOWED), {
  meaning: 'in which container (Kubernetes); needed where a pod has several',
  allowed: CONTAINER_ALLOWED,
}).optional();

export const inPods: CpuMeans<PodStressAct, PodStressUndo> = {
  permissions: PERMISSIONS,

  async plan({ service, workers, container, mode, for: holdMs }, world) {
    const chosen = draw(await instancesOf(NAME, service, world), mode, world.rng);
    const acts = needPodStress(world);
    const victims = runsOf(chosen, container);
    const limits = await acts.preview(victims);
    const pods = victims.map((victim, index) => ({ victim, limitCpus: limits[index] ?? 0 }));
    const weak = pods.filter((one) => predictedCost(workers, one.limitCpus) < LEAST_PREDICTED);
    if (weak.length > 0) throw tooFew(workers, weak);
    const act = { id: `${NAME}-${randomUUID()}`, pods, workers, holdMs };
    return {
      fault: NAME,
      victim: describeVictims(victims),
      victims: victims.map(describeVictim),
      probes: probesOf(service, chosen, world),
      touches: chosen.map((one) => one.instance),
      timers: timersOf(act),
      permissions: PERMISSIONS,
      impact: slowing(service, victims),
      undo: { fault: NAME, data: act },
      act,
    };
  },

  apply({ act: { id, pods, workers, holdMs } }, world) {
    const victims = pods.map((one) => one.victim);
    return needPodStress(world).begin({ id, victims, workers, holdMs: ms(holdMs) });
  },
  renew: ({ act }, world) => needPodStress(world).renew(act.id),

  expect: ({ act, probes }) => ({
    text: EXPECTED,
    observe: ['pod-stress'],
    judge: (evidence) => judgePodStress(act, probes.length > 0, evidence),
  }),

  undo: ({ data }, world) => needPodStress(world).end(data.id),
  async removed({ data }, world) {
    const victims = data.pods.map((one) => one.victim);
    return judgePodRelief(data, await needPodStress(world).after(data.id, victims));
  },
};

function needPodStress(world: World): PodStressActs {
  const { podStress } = world.platform;
  if (podStress !== undefined) return podStress;
  throw new GauntletError('refused', [
    {
      subject: NAME,
      expected: 'for pods a target with kubernetes.backend: chaos-mesh',
      got: 'none: Gauntlet itself starts no processes inside the containers of other parties',
      next: 'Run it on the sandbox, or leave this fault out.',
    },
  ]);
}

/**
 * @throws usage for a container that does not exist, refused where the counters would measure something else.
 */
function runsOf(chosen: readonly InstanceState[], container: string | null): readonly PodVictim[] {
  const name = container ?? onlyContainer(NAME, chosen);
  return chosen.map((one) => {
    const { containers = [], isFirstProcess = true } = one.inside ?? {};
    const found = containers.find((each) => each.name === name);
    if (found === undefined) {
      const names = containers.map((each) => each.name);
      throw unknownName(`${NAME}.container`, `a container of ${one.instance}`, name, names);
    }
    const victim = victimOf(runOf(one, name));
    if (!('uid' in victim) || victim.run === undefined) {
      throw refuse(one, `a running container ${name}`, 'none that runs now');
    }
    if (!isFirstProcess) {
      const expected =
        'a container with a pid namespace of its own, so that its processes can be distinguished';
      throw refuse(one, expected, 'shareProcessNamespace or hostPID');
    }
    return victim;
  });
}

const refuse = (one: InstanceState, expected: string, got: string): GauntletError =>
  new GauntletError('refused', [{ subject: `${NAME} on ${describeVictim(one)}`, expected, got }]);

function tooFew(
  workers: number,
  pods: readonly { readonly victim: PodVictim; readonly limitCpus: number }[],
): GauntletError {
  return new GauntletError(
    'refused',
    pods.map(({ victim, limitCpus }) => {
      const enough = Math.ceil(limitCpus * (LEAST_PREDICTED + 1) - 1);
      return {
        subject: `${NAME}.workers`,
        expected: `at least ${enough} next to a limit of ${limitCpus} CPUs (${describeVictim(victim)})`,
        got: String(workers),
        next:
          enough > MOST_WORKERS
            ? 'This limit is too large for this fault.'
            : 'With fewer, a thread waits so little that it cannot be distinguished from a busy node.',
      };
    }),
  );
}

const timersOf = ({ pods, workers }: PodStressAct): readonly string[] => [
  ...pods.map(({ victim, limitCpus }) => {
    const cost = predictedCost(workers, limitCpus).toFixed(1);
    return (
      `By Chaos Mesh (StressChaos): ${workers} spinners in container ${victim.run?.container} of ${victim.instance}, inside its limit ` +
      `of ${limitCpus} CPUs; each ms of work of a busy thread then costs ${cost} ms of waiting.`
    );
  }),
  'Its deadline cannot be moved: it ends the fault by itself 60 s after the planned hold, if its controller lives. Before that the ' +
    'harness or its keeper deletes the object.',
  "The kernel's counts are read by an ephemeral container of ours without any capability; it ends by itself, and stays in the " +
    "pod's status until the pod is replaced.",
];
