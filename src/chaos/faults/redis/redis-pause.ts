/** Pauses Redis while every connection stays open: CLIENT PAUSE, of all commands or of writes alone. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { oneOf } from '../../../config/forms.ts';
import type { ActName } from '../../../core/acts/act-names.ts';
import type { RedisPause } from '../../../core/acts/redis-acts.ts';
import type { Ms } from '../../../core/units.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { HOLD_PARAMETER, parameter, parameters, parserOf } from '../../parameters.ts';
import { named, redisOf, serviceParameter, theService } from '../../speakers.ts';
import { idShape } from '../../undo-shapes.ts';
import type { World } from '../../world.ts';
import { redisPlan, serverName } from './redis-plan.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

type Mode = RedisPause['mode'];
type PauseSpec = { readonly service?: string; readonly mode: Mode; readonly for: Ms };
type PauseAct = { readonly id: string; readonly mode: Mode; readonly service: string };
/** The pause's id is never reused; `before` are other clients' pauses, which are not ours to end. */
type PauseUndo = { readonly id: string; readonly before: readonly string[]; readonly service?: string };
const undoShape = z.object({
  id: idShape,
  before: z.array(z.string()),
  service: z.string().exactOptional(),
});

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

  parse: parserOf(PARAMETERS, ({ service, ...given }): PauseSpec => ({ ...named(service), ...given })),

  async plan({ mode, ...spec }, world) {
    const service = theService(NAME, 'redis', spec.service, world);
    const redis = redisOf(NAME, service, world);
    const identity = await redis.identity();
    const before = await redis.pauses();
    // A new identity, not drawn from the seed: two runs with one seed are two pauses.
    const id = `${NAME}-${randomUUID()}`;
    const victim =
      mode === 'all' ? serverName(service, identity) : `writes of ${serverName(service, identity)}`;
    const own = {
      fault: NAME,
      victim,
      probes: mode === 'all' ? (['answers'] as const) : (['answers', 'writes'] as const),
      timers: [
        'Redis continues within 1 s of the end: when the last slice of the pause has expired.',
        'Waiting commands are then executed in order, including those that their clients have given up.',
      ],
      permissions: PERMISSIONS,
      undo: { id, before, service },
      act: { id, mode, service },
    };
    return redisPlan(service, own, world);
  },

  apply: ({ act: { id, mode, service } }, world, ttl) =>
    redisOf(NAME, service, world).pause({ id, mode, ttlMs: ttl }),
  renew: ({ act: { id, service } }, world, ttl) => redisOf(NAME, service, world).renewPause(id, ttl),

  expect: ({ act: { mode, service } }) => ({
    text: EXPECTED[mode].text,
    observe: [],
    judge: (evidence) => judgeRedis(service, EXPECTED[mode], evidence),
  }),

  undoShape,
  undo: ({ data: { id, service } }, world) => redisOf(NAME, service, world).endPause(id),
  removed: (record, world) => removed(record.data, world),
};

async function removed({ id, before, service }: PauseUndo, world: World): Promise<RemovalState> {
  const redis = redisOf(NAME, service, world);
  const now = await redis.pauses();
  if (now.includes(id)) return { gone: false, evidence: `${id} is still held` };
  const foreign = now.filter((one) => !before.includes(one));
  if (foreign.length > 0)
    return { gone: false, evidence: `not as before: paused meanwhile by ${foreign.join(', ')}` };
  // For a pause of all commands the answer comes only after the last slice; for a pause of writes, endPause
  // has waited for that.
  await redis.identity();
  return { gone: true, evidence: `${id} is gone, and Redis answers` };
}
