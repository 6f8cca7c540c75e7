/** What a plan says of a fault on links in pods: how it looks there, what ends it, what stays behind, and what is refused. */
import { GauntletError } from '../../core/errors.ts';
import type { LinkEffect } from '../../core/platform.ts';
import { formatBandwidth } from './bandwidth.ts';

/** @throws refused for latency, which nothing in a pod's kernel both does and ends by itself. */
export function refuseLatency(effect: LinkEffect): void {
  if (effect.kind !== 'throttle') return;
  if ((effect.latencyMs ?? 0) === 0 && effect.bitsPerSecond !== undefined) return;
  throw new GauntletError('refused', [
    {
      subject: 'latency on a link between pods',
      expected: 'bandwidth alone, on platform kubernetes',
      got: `latency ${effect.latencyMs ?? 0}ms`,
      next:
        'A delay needs netem, a queue without a time-out of its own (and many kernels lack it): if nobody took it away it ' +
        'would stay. Delay requests with http-fault or grpc-fault where they are offered, or use a NetworkChaos of Chaos Mesh.',
    },
  ]);
}

/** @param pods how many, of the service that dials. */
export function notesFor(
  effect: LinkEffect,
  from: readonly string[],
  pods: number,
  image: string,
): readonly string[] {
  const where = `${pods} ${pods === 1 ? 'pod' : 'pods'} of ${from.join(', ')}`;
  return [
    ...looks(effect),
    `The rules stand in the network namespace of ${where}, on addresses with a time-out: not renewed within the lease, the kernel ends them.`,
    `An ephemeral container (${image}, NET_ADMIN) is added to each pod that has none running. It ends 2 min after the last fault; ended, ` +
      "it stays in the pod's status until the pod is replaced (the API cannot remove it).",
  ];
}

function looks(effect: LinkEffect): readonly string[] {
  if (effect.kind === 'reset') {
    return [
      'Callers notice at once; how soon they dial again is their own back-off.',
      'Open connections are ended with an RST to both ends; new ones are refused in the pod that dials.',
    ];
  }
  if (effect.kind === 'throttle') {
    return [
      `What is above ${formatBandwidth(effect.bitsPerSecond ?? 0)} is dropped (policing), not queued (shaping): TCP sends again and backs off below the limit.`,
      'Each pod has the whole bandwidth for itself, for each direction.',
    ];
  }
  return [
    'Callers notice at their own deadlines: nothing is closed, and new connections hang in their SYN.',
    'Packets are dropped: TCP sends again by itself after the fault, up to as long again later (its back-off doubles).',
  ];
}
