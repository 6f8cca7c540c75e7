/**
 * The common parts of all faults on links: one impairment with its own id, its undo as data, and the
 * comparison of states.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { LinkActs, LinkEffect, LinkState } from '../../../core/acts/link-acts.ts';
import { GauntletError } from '../../../core/errors.ts';
import { dependencies } from '../../../core/topology.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, Impact, RemovalState } from '../../fault.ts';
import { idShape } from '../../undo-shapes.ts';
import { needActs, type World } from '../../world.ts';

export type LinkAct = {
  /** Never reused, not even by a run with the same seed: the undo is keyed by it. */
  readonly id: string;
  readonly links: readonly string[];
  readonly effect: LinkEffect;
  /** For a carrier whose deadline cannot be moved: the planned hold. */
  readonly holdMs?: Ms;
  /** The same cut of one direction, for links that were dialled the other way round. */
  readonly reverse?: { readonly id: string; readonly links: readonly string[] };
};

export type LinkUndo = {
  readonly id: string;
  readonly reverseId?: string;
  /** The impairments of each link before the fault; those of other clients are not ours to remove. */
  readonly before: Readonly<Record<string, readonly string[]>>;
};

export const linkUndoShape = z.object({
  id: idShape,
  reverseId: idShape.exactOptional(),
  before: z.record(z.string(), z.array(z.string())),
});

export const impairmentId = (fault: string): string => `${fault}-${randomUUID()}`;

export const undoFor = (id: string, links: readonly LinkState[]): LinkUndo => ({
  id,
  before: Object.fromEntries(links.map((link) => [link.name, link.impairedBy])),
});

/** The parts of a plan that come from the platform. */
export interface Previewed {
  /** The links, and the instances in which they are impaired. */
  readonly touches: readonly string[];
  /** How the effect looks here. */
  readonly notes: readonly string[];
  readonly impact: Pick<Impact, 'instances'>;
  /** Only the links' own counters can prove it: they begin with the act, and no probe crosses these links. */
  readonly countersAlone: boolean;
}

export interface PreviewRequest {
  readonly fault: string;
  readonly links: LinkActs;
  readonly touched: readonly LinkState[];
  readonly effect: LinkEffect;
  /** Those that cross them. */
  readonly probes: readonly string[];
  /** How the effect looks on links that always pass through a proxy. */
  readonly throughProxy: readonly string[];
}

/**
 * The platform's information on these links before the act. @throws refused for an effect that its links do
 * not support, or that nothing could observe.
 */
export async function preview(request: PreviewRequest): Promise<Previewed> {
  const { fault, links, touched, effect, probes, throughProxy } = request;
  const names = touched.map((link) => link.name);
  if (isUncounted(touched) && probes.length === 0) {
    const problem = {
      subject: fault,
      expected: `a probe that crosses ${names.length > 3 ? `one of ${names.length} links` : names.join(', ')}`,
      got: 'none: no probe crosses this link and it has no counters, so the effect could not be proven',
      next: 'Name the probe that crosses it in the target file (kubernetes.crossedBy), or the address of probes (kubernetes.probesFrom).',
    };
    throw new GauntletError('refused', [problem]);
  }
  const found = await links.preview?.(names, effect);
  if (found === undefined) return { touches: names, notes: throughProxy, impact: {}, countersAlone: false };
  const { instances, notes } = found;
  const touches = [...names, ...instances.map((one) => one.instance)];
  return { touches, notes, impact: { instances }, countersAlone: !isUncounted(touched) };
}

export const isUncounted = (touched: readonly LinkState[]): boolean =>
  touched.some((link) => link.seenBy !== undefined);

/**
 * The dependencies whose probes cross one of these links: their own link, or one that the target file lists
 * for them.
 */
export const crossing = (touched: readonly LinkState[], world: World): readonly string[] =>
  dependencies(world.platform.topology).filter((name) =>
    touched.some(
      (link) => (link.from === 'probe' && link.to === name) || link.seenBy?.includes(name) === true,
    ),
  );

export const UNDONE =
  'The impairment is removed by its id. The proxy, or in pods the kernel, ends it by itself when it is not renewed within the lease.';

/** The four members that all faults on links share; `Act` may contain more than the impairment. */
export const linkFaultVerbs = <Act extends LinkAct>(
  fault: string,
): Pick<Fault<never, Act, LinkUndo>, 'apply' | 'renew' | 'undoShape' | 'undo' | 'removed'> => {
  const linksOf = (world: World): LinkActs => needActs(fault, world, ['links']).links;
  return {
    apply: (plan, world, ttl) => impair(linksOf(world), plan.act, ttl),
    async renew(plan, world, ttl) {
      const { id, reverse } = plan.act;
      const isThere = await linksOf(world).renew(id, ttl);
      return isThere && (reverse === undefined || (await linksOf(world).renew(reverse.id, ttl)));
    },
    undoShape: linkUndoShape,
    async undo(record, world) {
      for (const id of idsOf(record.data)) await linksOf(world).heal(id);
    },
    removed: (record, world) => linksRemoved(linksOf(world), record.data),
  };
};

async function impair(links: LinkActs, act: LinkAct, ttlMs: Ms): Promise<void> {
  const times = { ttlMs, ...(act.holdMs !== undefined && { holdMs: act.holdMs }) };
  await links.impair({ id: act.id, links: act.links, effect: act.effect, ...times });
  if (act.reverse === undefined) return;
  await links.impair({ ...act.reverse, effect: reversed(act.effect), ...times });
}

/** The effect on the links of `reverse`. */
export function reversed(effect: LinkEffect): LinkEffect {
  if (effect.kind !== 'cut' || effect.direction === undefined) return effect;
  return { kind: 'cut', direction: effect.direction === 'to-server' ? 'to-client' : 'to-server' };
}

const idsOf = ({ id, reverseId }: LinkUndo): readonly string[] =>
  reverseId === undefined ? [id] : [id, reverseId];

/** Gone when our impairment is nowhere, and no affected link has one that it did not have before. */
async function linksRemoved(links: LinkActs, undo: LinkUndo): Promise<RemovalState> {
  const now = await links.list();
  const ours = now
    .filter((link) => link.impairedBy.some((id) => idsOf(undo).includes(id)))
    .map((link) => link.name);
  if (ours.length > 0) return { gone: false, evidence: `${undo.id} is still on ${ours.join(', ')}` };
  const foreign = now.flatMap((link) =>
    link.impairedBy
      .filter((id) => undo.before[link.name] !== undefined && !undo.before[link.name]?.includes(id))
      .map((id) => `${link.name} by ${id}`),
  );
  if (foreign.length > 0) {
    return { gone: false, evidence: `not as before: impaired meanwhile ${foreign.join(', ')}` };
  }
  return { gone: true, evidence: `${undo.id} is gone, ${Object.keys(undo.before).length} links as before` };
}
