/**
 * Kills inside pods: one run of a container replaces the pod or process of other kills. In this view a pod
 * whose container was restarted is another instance, so that proof, guards and recovery timeline are those of
 * all kills.
 */
import type { InstanceActs, InstanceState } from '../../../core/acts/instance-acts.ts';
import type { Victim } from '../../../core/topology.ts';
import type { Evidence, Proof } from '../../fault.ts';

/** The place inside a pod: null process = the container's main one. */
export type Inside = { readonly container: string; readonly process: string | null };

/** A pod by the run of its container; by itself where the container does not run or does not exist. */
export function runOf(one: InstanceState, container: string): InstanceState {
  const id = one.inside?.containers.find((each) => each.name === container)?.id ?? null;
  return id === null || !('uid' in one) ? one : { ...one, run: { container, id } };
}

/** The instances of a kill: those of the platform, or the runs of a container in them. */
export function seenAs(instances: InstanceActs, inside: Inside | null | undefined): InstanceActs {
  const { containers } = instances;
  if (inside == null || containers === undefined) return instances;
  const { container, process } = inside;
  return {
    list: async (service) => (await instances.list(service)).map((one) => runOf(one, container)),
    lives: async (service) => await containers.lives(service, container),
    async signal(victim, signal) {
      if (signal === 'SIGKILL' || signal === 'SIGTERM')
        return await containers.signal(victim, signal, process);
      return await instances.signal(victim, signal);
    },
  };
}

/** Evidence in the same view, with the kubelet's report on how the run ended. */
export function judgeInside(
  inside: Inside,
  victims: readonly Victim[],
  evidence: Evidence,
  judge: (evidence: Evidence) => Proof,
): Proof {
  const snapshots = evidence.snapshots.map((snapshot) =>
    snapshot.instances === undefined
      ? snapshot
      : { ...snapshot, instances: snapshot.instances.map((one) => runOf(one, inside.container)) },
  );
  const proof = judge({ ...evidence, snapshots });
  if (proof.kind === 'not-yet') return proof;
  const ids = victims.flatMap((one) => ('uid' in one ? (one.run?.id ?? []) : []));
  const ends = snapshots.flatMap((snapshot) =>
    (snapshot.instances ?? []).flatMap((one) => one.inside?.containers.map((each) => each.lastEnd) ?? []),
  );
  const codes = ids.flatMap((id) => ends.findLast((end) => end?.id === id)?.exitCode ?? []);
  const said =
    codes.length === 0 ? 'the kubelet has not reported its exit code yet' : `exit code ${codes.join(', ')}`;
  return { ...proof, evidence: `${proof.evidence} (${said})` };
}
