/** Pauses Redis while every connection stays open: CLIENT PAUSE, of all commands or of writes alone. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { oneOf } from '../../../config/forms.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { RedisPause } from '../../../core/acts/redis-acts.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { named, serviceParameter, theService } from '../../speakers.ts';
import { idShape } from '../../undo-shapes.ts';
import type { World } from '../../world.ts';
import {
  actsOn,
  allRemoved,
  heldOn,
  mustBeSame,
  NODE_PARAMETER,
  nodeNamed,
  onEach,
  type PinnedNode,
  pinnedShape,
  undoOf,
  victimsOf,
} from './redis-nodes.ts';
import { redisPlan, sayVictims } from './redis-plan.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

type Mode = RedisPause['mode'];
type PauseSpec = {
  readonly service?: string;
  readonly node?: string;
  readonly mode: Mode;
  readonly for: Ms;
};
type PauseAct = {
  readonly id: string;
  readonly mode: Mode;
  readonly service: string;
  readonly nodes?: readonly PausedNode[];
};
/** One of several servers, with the pauses of other clients there. */
type PausedNode = PinnedNode & { readonly before: readonly string[] };
/** The pause's id is never reused; `before` are other clients' pauses, which are not ours to end. */
type PauseUndo =
  | { readonly id: string; readonly before: readonly string[]; readonly service?: string }
  | { readonly id: string; readonly service: string; readonly nodes: readonly PausedNode[] };

const undoShape = undoOf(
  'nodes',
  z.object({ id: idShape, before: z.array(z.string()), service: z.string().exactOptional() }),
  z.object({
    id: idShape,
    service: z.string(),
    nodes: z.array(pinnedShape.extend({ before: z.array(z.string()) })).min(1),
  }),
);

const NAME = 'redis-pause';
const PERMISSIONS: readonly ActName[] = [
  'redis.identity',
  'redis.pauses',
  'redis.pause',
  'redis.renewPause',
  'redis.endPause',
];

const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  node: NODE_PARAMETER,
  mode: parameter(oneOf(['all', 'write']), {
    meaning:
      'which commands wait; write: commands that may change data or are replicated, such as SET and PUBLISH',
    allowed: 'all or write',
  }).prefault('all'),
  for: HOLD_PARAMETER,
});

const EXPECTED: Readonly<Record<Mode, RedisExpectation>> = {
  all: {
    hit: [
      { probe: 'answers', connection: 'held', as: ['stalled'] },
      { probe: 'answers', connection: 'fresh', as: ['stalled'] },
    ],
    spared: [],
    text: 'both connections stall: nothing is refused, nothing is answered',
  },
  write: {
    hit: [
      { probe: 'writes', connection: 'held', as: ['stalled'] },
      { probe: 'writes', connection: 'fresh', as: ['stalled'] },
    ],
    spared: [
      { probe: 'answers', connection: 'held' },
      { probe: 'answers', connection: 'fresh' },
    ],
    text: 'writes stall on both connections, reads continue',
  },
};

export const redisPause: Fault<PauseSpec, PauseAct, PauseUndo> = {
  name: NAME,
  summary: 'pauses Redis: commands wait, all of them or writes alone, and connections stay open',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof:
    'mode: all: the probe stalls on a held and on a fresh connection. mode: write: its writes stall on both, and its reads get good ' +
    'answers after that.',
  undone:
    'The platform requests the pause in slices of less than 1 s and stops on request, or without a renewal within ' +
    'the lease. It does not use CLIENT UNPAUSE: that would end the pauses of other clients too, and waits behind a pause of all commands.',
  example: 'redis-pause: { mode: all, for: 5s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, node, ...given }): PauseSpec => ({
      ...named(service),
      ...nodeNamed(node),
      ...given,
    }),
  ),

  async plan({ mode, ...spec }, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const victims = await victimsOf(NAME, { service, node: spec.node }, world);
    const nodes = await Promise.all(
      victims.map(async ({ acts, node, identity }) => ({ node, identity, before: await acts.pauses() })),
    );
    const pinned = nodes.flatMap(({ node, ...one }) => (node === undefined ? [] : [{ node, ...one }]));
    // A new identity, not drawn from the seed: two runs with one seed are two pauses.
    const id = `${NAME}-${randomUUID()}`;
    const own = {
      fault: NAME,
      victim: mode === 'all' ? sayVictims(victims) : `writes of ${sayVictims(victims)}`,
      victims: victims.map(({ name }) => (mode === 'all' ? name : `writes of ${name}`)),
      probes: mode === 'all' ? (['answers'] as const) : (['answers', 'writes'] as const),
      timers: [
        'Redis continues within 1 s of the end: when the last slice of the pause has expired.',
        'Waiting commands are then executed in order, including those that their clients have given up.',
      ],
      permissions: PERMISSIONS,
      undo:
        pinned.length > 0 ? { id, service, nodes: pinned } : { id, before: nodes[0]?.before ?? [], service },
      act: { id, mode, service, ...(pinned.length > 0 && { nodes: pinned }) },
    };
    return redisPlan<PauseAct, PauseUndo>(service, own, world);
  },

  async apply({ act: { id, mode, service, nodes } }, world, ttl) {
    await onEach(placesOf(nodes), async (one) => {
      const acts = heldOn(NAME, service, one.node, world);
      await mustBeSame(acts, one);
      await acts.pause({ id, mode, ttlMs: ttl });
    });
  },
  async renew({ act: { id, service, nodes } }, world, ttl) {
    const held = placesOf(nodes).map(({ node }) => heldOn(NAME, service, node, world).renewPause(id, ttl));
    return (await Promise.all(held)).every(Boolean);
  },

  expect: ({ act: { mode, service } }) => ({
    text: EXPECTED[mode].text,
    observe: [],
    judge: (evidence) => judgeRedis(service, EXPECTED[mode], evidence),
  }),

  undoShape,
  undo: ({ data }, world) =>
    onEach(placesOf('nodes' in data ? data.nodes : undefined), async ({ node }) => {
      // Held by a process of ours, or over with it: the server is asked afterwards.
      await heldOn(NAME, data.service, node, world).endPause(data.id);
    }),
  removed: ({ data }, world) =>
    'nodes' in data
      ? allRemoved(
          data.nodes.map((one) => ({ node: one.node, state: removed(data.id, one, data.service, world) })),
        )
      : removed(data.id, data, data.service, world),
};

/** The only server of a service has no name. */
const placesOf = (nodes: readonly PausedNode[] | undefined): readonly Partial<PausedNode>[] => nodes ?? [{}];

async function removed(
  id: string,
  { before, ...pin }: Partial<PinnedNode> & { readonly before: readonly string[] },
  service: string | undefined,
  world: World,
): Promise<RemovalState> {
  const now = await heldOn(NAME, service, pin.node, world).pauses();
  if (now.includes(id)) return { gone: false, evidence: `${id} is still held` };
  const foreign = now.filter((one) => !before.includes(one));
  if (foreign.length > 0)
    return { gone: false, evidence: `not as before: paused meanwhile by ${foreign.join(', ')}` };
  // For a pause of all commands the answer comes only after the last slice; for a pause of writes, endPause
  // has waited for that.
  const { identity = '', node } = pin;
  const redis = await actsOn(NAME, service, { identity, ...(node && { node }) }, world);
  await redis.identity();
  return { gone: true, evidence: `${id} is gone, and Redis answers` };
}
