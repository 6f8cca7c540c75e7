/** What a plan states about a fault on links in pods: its behaviour there, what ends it, and what remains. */
import type { LinkEffect } from '../../../core/acts/link-acts.ts';

/** @param pods number of pods of the service that dials. */
export function notesFor(
  effect: LinkEffect,
  from: readonly string[],
  pods: number,
  image: string,
): readonly string[] {
  return [
    ...looks(effect),
    `The rules are in the network namespace of ${whose(from, pods)}, on addresses with a time-out: without a renewal within the lease, the kernel ends them.`,
    agentNote(image),
  ];
}

/** @param proxyImage of the proxy that holds the traffic. */
export function notesForProxy(
  does: readonly string[],
  from: readonly string[],
  pods: number,
  image: string,
  proxyImage: string,
): readonly string[] {
  return [
    ...does,
    `A proxy (${proxyImage}) is started as a job. Rules in the network namespace of ${whose(from, pods)} redirect new connections to it; open ones are reset once, so that they ` +
      'reconnect through it, and again when the proxy ends.',
    'Without a renewal within the lease, the kernel ends the rules and the proxy ends its act; the cluster deletes the job by its own deadline.',
    'The server sees every connection come from the proxy. A pod that starts meanwhile is not redirected.',
    agentNote(image),
  ];
}

const whose = (from: readonly string[], pods: number): string =>
  `${pods} ${pods === 1 ? 'pod' : 'pods'} of ${from.join(', ')}`;

const agentNote = (image: string): string =>
  `An ephemeral container (${image}, NET_ADMIN) is added to each pod that has none running. It ends 2 min after the last fault; after that ` +
  "it stays in the pod's status until the pod is replaced (the API cannot remove it).";

function looks(effect: LinkEffect): readonly string[] {
  if (effect.kind === 'reset') {
    return [
      'Callers notice at once; how soon they dial again is their own back-off.',
      'Open connections are ended with an RST to both ends; new ones are refused in the pod that dials.',
    ];
  }
  if (effect.kind === 'throttle') {
    return [
      `Traffic above ${formatBandwidth(effect.bitsPerSecond ?? 0)} is dropped (policing), not queued (shaping): TCP sends again and backs off below the limit.`,
      'Each pod has the whole bandwidth for itself, for each direction.',
    ];
  }
  return [
    'Callers notice at their own deadlines: nothing is closed, and new connections hang in their SYN.',
    'Packets are dropped: TCP sends again by itself after the fault, with a delay of up to the length of the fault (its back-off doubles).',
  ];
}

/** `256kbit/s`; bits per second. */
function formatBandwidth(bits: number): string {
  for (const [unit, size] of [
    ['Gbit', 1e9],
    ['Mbit', 1e6],
    ['kbit', 1e3],
  ] as const) {
    if (bits >= size) return `${Number((bits / size).toPrecision(3))}${unit}/s`;
  }
  return `${bits}bit/s`;
}
