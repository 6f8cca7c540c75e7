/**
 * Closes every client connection of Redis at once; all clients reconnect together. It is done once and holds
 * nothing.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { parameters, parserOf } from '../../parameters.ts';
import { needActs, type World } from '../../world.ts';
import { redisPlan, serverName } from './redis-plan.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

/** The affected server; there is nothing to undo. */
type KillUndo = { readonly identity: string };

const NAME = 'redis-kill-connections';
const ACTS = ['redis'] as const;
const PERMISSIONS: readonly ActName[] = ['redis.identity', 'redis.killNormalConnections', 'redis.figures'];
const PARAMETERS = parameters({});

const EXPECTED: RedisExpectation = {
  hit: [{ probe: 'redis', connection: 'held', as: ['reset'] }],
  spared: [{ probe: 'redis', connection: 'fresh' }],
  text: 'the held connection is closed, fresh ones work',
};

export const redisKillConnections: Fault<Record<string, never>, null, KillUndo> = {
  name: NAME,
  summary: 'closes all normal client connections of Redis once: every client has to connect again',
  parameters: PARAMETERS,
  permissions: PERMISSIONS,
  proof: 'The held connection of the probe is closed, and a fresh one gets good answers after that.',
  undone:
    'There is nothing to undo: clients connect again. It counts as removed when a fresh connection works.',
  example: 'redis-kill-connections: {}',

  parse: parserOf(PARAMETERS, () => ({})),

  async plan(_spec, world) {
    const { redis } = needActs(NAME, world, ACTS);
    const identity = await redis.identity();
    const { connectedClients } = await redis.figures();
    const victim = serverName(identity);
    const own = {
      fault: NAME,
      victim,
      probes: ['redis'],
      timers: [
        `${connectedClients} connections are open; their clients reconnect at once or after their own back-off.`,
        'Commands in progress get no answer: a client cannot know whether they were executed.',
      ],
      permissions: PERMISSIONS,
      undo: { identity },
      act: null,
    };
    return redisPlan(own, world);
  },

  async apply(_plan, world) {
    await needActs(NAME, world, ACTS).redis.killNormalConnections();
  },
  // It is done: a lease has nothing to renew.
  renew: async () => true,
  expect: () => ({ text: EXPECTED.text, observe: [], judge: (evidence) => judgeRedis(EXPECTED, evidence) }),
  undoShape: z.object({ identity: z.string() }),
  undo: async () => undefined,
  removed: (record, world) => removed(record.data, world),
};

async function removed({ identity }: KillUndo, world: World): Promise<RemovalState> {
  const { redis } = needActs(NAME, world, ACTS);
  const how = (await redis.identity()) === identity ? 'answers' : 'was restarted meanwhile and answers';
  return { gone: true, evidence: `Redis ${how}; the fault made no lasting change` };
}
