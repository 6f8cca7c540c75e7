/** What a plan states about a fault on links between containers, and what it refuses. */
import type { LinkEffect } from '../../../core/acts/link-acts.ts';
import { GauntletError } from '../../../core/errors.ts';

export function linkNotes(
  effect: LinkEffect,
  { from, absent }: { readonly from: readonly string[]; readonly absent: readonly string[] },
  containers: number,
  image: string,
  isWhole: boolean,
): readonly string[] {
  const whose = `${containers} ${containers === 1 ? 'container' : 'containers'} of ${from.join(', ')}`;
  return [
    ...looks(effect),
    ...(isWhole
      ? [
          'All their traffic is meant, in both directions, also with clients outside; loopback works, and with it the engine resolves names of containers.',
        ]
      : []),
    `The rules are in the network namespace of ${whose}, on addresses with a time-out: without a renewal within the lease, the kernel ends them.`,
    ...(absent.length === 0
      ? []
      : [`No container here, so nothing is done where they dial from: ${absent.join(', ')}.`]),
    `A container (${image}, NET_ADMIN) is started in each of these networks, and removed with the fault.`,
  ];
}

function looks(effect: LinkEffect): readonly string[] {
  if (effect.kind === 'reset')
    return [
      'Open connections are ended with an RST to both ends; new ones are refused where they are dialled.',
    ];
  if (effect.kind === 'throttle')
    return ['Traffic above the bandwidth is dropped (policing), in each container and direction by itself.'];
  return ['Nothing is closed, and new connections hang in their SYN: callers notice at their own deadlines.'];
}

/** A delay is a queue of the kernel, which has no time-out: nothing would end it with the harness. */
export const noDelay = (): GauntletError =>
  new GauntletError('refused', [
    {
      subject: 'latency',
      expected: 'a link that gauntlet proxy carries',
      got: 'a link between containers, where rules can only drop and limit',
      next: 'Write the link under links in the target file, or use bandwidth alone.',
    },
  ]);
