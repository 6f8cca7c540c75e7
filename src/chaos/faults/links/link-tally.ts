/**
 * The counters of all links of a fault added up, for each snapshot, and the checks that a judge makes on
 * them.
 */
import type { HeldConnections, LinkFlow, LinkState } from '../../../core/acts/link-acts.ts';
import type { EpochMs, Ms } from '../../../core/units.ts';
import type { Snapshot } from '../../observation.ts';

export type Finding =
  | { readonly kind: 'not-yet'; readonly text: string }
  | { readonly kind: 'seen'; readonly at: EpochMs; readonly boundMs: Ms; readonly text: string };

/** One snapshot of all links of the fault together. */
export interface Tally {
  readonly at: EpochMs;
  readonly toServer: LinkFlow;
  readonly toClient: LinkFlow;
  readonly connections: number;
  readonly waiting: number;
  readonly resets: number;
  readonly rejected: number;
  readonly carriers: number;
  /** Undefined: the counters cover all connections. */
  readonly held: HeldConnections | undefined;
}

export function tally(names: readonly string[], snapshot: Snapshot): readonly Tally[] {
  if (snapshot.links === undefined) return [];
  const links = snapshot.links.filter((link) => names.includes(link.name));
  const sum = (of: (link: LinkState) => number): number => links.reduce((total, link) => total + of(link), 0);
  const flow = (side: 'toServer' | 'toClient'): LinkFlow => ({
    bytes: sum((link) => link.traffic[side].bytes),
    chunks: sum((link) => link.traffic[side].chunks),
    heldMs: sum((link) => link.traffic[side].heldMs),
    stuckBytes: sum((link) => link.traffic[side].stuckBytes),
    ...(links.some((link) => link.traffic[side].droppedPackets !== undefined) && {
      droppedPackets: sum((link) => link.traffic[side].droppedPackets ?? 0),
    }),
  });
  return [
    {
      at: snapshot.at,
      toServer: flow('toServer'),
      toClient: flow('toClient'),
      connections: sum((link) => link.connections),
      waiting: sum((link) => link.traffic.waiting),
      resets: sum((link) => link.traffic.resets),
      rejected: sum((link) => link.traffic.rejected ?? 0),
      carriers: sum((link) => link.carriers ?? 1),
      held: heldOn(links.flatMap((link) => link.held ?? [])),
    },
  ];
}

function heldOn(all: readonly HeldConnections[]): HeldConnections | undefined {
  if (all.length === 0) return undefined;
  const sum = (of: (one: HeldConnections) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  const silent = all.filter((one) => one.silent > 0);
  return {
    passing: sum((one) => one.passing),
    silent: sum((one) => one.silent),
    ended: sum((one) => one.ended),
    silentMs: silent.length === 0 ? 0 : Math.min(...silent.map((one) => one.silentMs)),
    silentBoundMs: Math.max(...all.map((one) => one.silentBoundMs)),
    askedEveryMs: Math.max(...all.map((one) => one.askedEveryMs)),
  };
}
