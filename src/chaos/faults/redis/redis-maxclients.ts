/**
 * Redis rejects new connections, as at its client limit; open ones continue. Redis itself does it where its
 * limit can be raised again in any case; elsewhere the links to it do.
 */
import { choice, isMap } from '../../../config/forms.ts';
import { own } from '../../../core/own.ts';
import type { Fault } from '../../fault.ts';
import { HOLD_PARAMETER, parameters, parserOf } from '../../parameters.ts';
import { named, serviceParameter, theService } from '../../speakers.ts';
import type { World } from '../../world.ts';
import type { LinkUndo } from '../links/link-impairment.ts';
import { byLinks, type RejectAct } from './maxclients-by-links.ts';
import { byRedis } from './maxclients-by-redis.ts';
import { type MaxclientsMeans, type MaxclientsSpec, NAME } from './maxclients-means.ts';
import { NODE_PARAMETER, nodeNamed } from './redis-nodes.ts';
import type { SettingChanges } from './redis-setting.ts';

type MaxclientsAct = SettingChanges | RejectAct;
type MaxclientsUndo = SettingChanges | LinkUndo;

const PARAMETERS = parameters({
  service: serviceParameter('redis'),
  node: NODE_PARAMETER,
  for: HOLD_PARAMETER,
});

export const redisMaxclients: Fault<MaxclientsSpec, MaxclientsAct, MaxclientsUndo> = {
  name: NAME,
  summary: 'rejects new connections to Redis, as at its client limit; open ones continue',
  parameters: PARAMETERS,
  permissions: byRedis.permissions,
  permissionsByLinks: byLinks.permissions,
  proof:
    'A fresh connection of the probe is rejected (ERR max number of clients, or a reset), and its held connection gets ' +
    'good answers after that. By links: their counters must also show new connections that were rejected, and answers on those ' +
    'that are open; where no probe crosses them, the counters alone decide. Without a new connection it is not injected.',
  undone:
    'By Redis itself: maxclients is restored, over a connection that was open before, if the server (run_id) is the same and the ' +
    'value is still ours; otherwise nothing is overwritten and the record reports the value. The lease keeper does it if the ' +
    'harness cannot. By links: the impairment is removed by its id, and the proxy ends it by itself when it is not renewed ' +
    'within the lease.',
  limits:
    'Redis itself does it on the sandbox, with maxclients 1. Elsewhere a connection that outlives the harness is missing: at its ' +
    'limit Redis would reject the undo too. There the links to Redis that gauntlet proxy carries do it: each new connection gets the ' +
    'answer of Redis and is closed (over TLS without an answer, as Redis does), the server is not dialled, and nothing of it ' +
    'changes. Clients that do not take these links are not rejected, and INFO of Redis does not count these connections. ' +
    'In pods, in a Redis Cluster and behind Sentinels no such links exist: there it is refused.',
  example: 'redis-maxclients: { for: 8s }',

  parse: parserOf(
    PARAMETERS,
    ({ service, node, ...given }): MaxclientsSpec => ({
      ...named(service),
      ...nodeNamed(node),
      ...given,
    }),
  ),

  plan: async (spec, world) => await meansFor(spec, world).plan(spec, world),
  apply: (plan, world, ttl) => meansOf(plan.act).apply(plan, world, ttl),
  renew: (plan, world, ttl) => meansOf(plan.act).renew(plan, world, ttl),
  expect: (plan) => meansOf(plan.act).expect(plan),
  undoShape: choice({ redis: byRedis.undoShape, links: byLinks.undoShape }, (data) =>
    isMap(data) && Object.hasOwn(data, 'before') ? 'links' : 'redis',
  ),
  undo: (record, world) => meansOf(record.data).undo(record, world),
  removed: (record, world) => meansOf(record.data).removed(record, world),
};

/** How this target can do it; never both. */
function meansFor(
  { service: given }: MaxclientsSpec,
  world: World,
): MaxclientsMeans<MaxclientsAct, MaxclientsUndo> {
  const { platform } = world;
  const redis = own(platform.redisByService ?? {}, theService(NAME, 'redis', given, world)) ?? platform.redis;
  return redis?.keptConnection === true ? byRedis : byLinks;
}

/** Each way executes and undoes its own plan. */
const meansOf = (planned: MaxclientsAct | MaxclientsUndo): MaxclientsMeans<MaxclientsAct, MaxclientsUndo> =>
  'links' in planned || 'before' in planned ? byLinks : byRedis;
