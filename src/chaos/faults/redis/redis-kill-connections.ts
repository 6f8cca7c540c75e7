/**
 * Closes every client connection of Redis at once; all clients reconnect together. It is done once and holds
 * nothing.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { parameters, parserOf } from '../../parameters.ts';
import { named, redisOf, serviceParameter, theService } from '../../speakers.ts';
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
  pinnedIn,
  pinnedShape,
  undoOf,
  victimsOf,
} from './redis-nodes.ts';
import { redisPlan, sayVictims } from './redis-plan.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

type KillSpec = { readonly service?: string; readonly node?: string };
type KillAct = { readonly service: string; readonly nodes?: readonly PinnedNode[] };
/** The affected server; there is nothing to undo. Of several servers each. */
type KillUndo =
  | { readonly identity: string; readonly service?: string }
  | { readonly service: string; readonly nodes: readonly PinnedNode[] };

const NAME = 'redis-kill-connections';
const PERMISSIONS: readonly ActName[] = ['redis.identity', 'redis.killNormalConnections', 'redis.figures'];
const PARAMETERS = parameters({ service: serviceParameter('redis'), node: NODE_PARAMETER });

const EXPECTED: RedisExpectation = {
  hit: [{ probe: 'answers', connection: 'held', as: ['reset'] }],
  spared: [{ probe: 'answers', connection: 'fresh' }],
  text: 'the held connection is closed, fresh ones work',
};

export const redisKillConnections: Fault<KillSpec, KillAct, KillUndo> = {
  name: NAME,
  summary: 'closes all normal client connections of Redis once: every client has to connect again',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof: 'The held connection of the probe is closed, and a fresh one gets good answers after that.',
  undone:
    'There is nothing to undo: clients connect again. It counts as removed when a fresh connection works.',
  example: 'redis-kill-connections: {}',

  parse: parserOf(PARAMETERS, ({ service, node }): KillSpec => ({ ...named(service), ...nodeNamed(node) })),

  async plan(spec, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const victims = await victimsOf(NAME, { service, node: spec.node }, world);
    const open = await Promise.all(victims.map(async ({ acts }) => (await acts.figures()).connectedClients));
    const connectedClients = open.reduce((sum, one) => sum + one, 0);
    const pinned = pinnedIn(victims);
    const [first] = victims;
    const act: KillAct = { service, ...(pinned.length > 0 && { nodes: pinned }) };
    const own = {
      fault: NAME,
      victim: sayVictims(victims),
      victims: victims.map((one) => one.name),
      probes: ['answers'] as const,
      timers: [
        `${connectedClients} connections are open; their clients reconnect at once or after their own back-off.`,
        'Commands in progress get no answer: a client cannot know whether they were executed.',
      ],
      permissions: PERMISSIONS,
      undo: pinned.length > 0 ? { service, nodes: pinned } : { identity: first?.identity ?? '', service },
      act,
    };
    return redisPlan<KillAct, KillUndo>(service, own, world);
  },

  async apply({ act: { service, nodes } }, world) {
    if (nodes === undefined) {
      await redisOf(NAME, service, world).killNormalConnections();
      return;
    }
    await onEach(nodes, async (one) => {
      const acts = heldOn(NAME, service, one.node, world);
      await mustBeSame(acts, one);
      await acts.killNormalConnections();
    });
  },
  // It is done: a lease has nothing to renew.
  renew: async () => true,
  expect: ({ act: { service } }) => ({
    text: EXPECTED.text,
    observe: [],
    judge: (evidence) => judgeRedis(service, EXPECTED, evidence),
  }),
  undoShape: undoOf(
    'nodes',
    z.object({ identity: z.string(), service: z.string().exactOptional() }),
    z.object({ service: z.string(), nodes: z.array(pinnedShape).min(1) }),
  ),
  undo: async () => undefined,
  removed: ({ data }, world) =>
    'nodes' in data
      ? allRemoved(data.nodes.map((one) => ({ node: one.node, state: removed(one, data.service, world) })))
      : removed(data, data.service, world),
};

async function removed(
  { identity, ...pin }: { readonly identity: string; readonly node?: PinnedNode['node'] },
  service: string | undefined,
  world: World,
): Promise<RemovalState> {
  const redis = await actsOn(NAME, service, { identity, ...pin }, world);
  const how = (await redis.identity()) === identity ? 'answers' : 'was restarted meanwhile and answers';
  return { gone: true, evidence: `Redis ${how}; the fault made no lasting change` };
}
