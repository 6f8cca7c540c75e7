/**
 * Which servers a fault inside Redis alters: the only one, the master that Sentinels name, or masters of a
 * Cluster. Undo data names each by its identity, so that after a failover it reaches the server that was
 * altered.
 */
import { z } from 'zod';
import { choice, isMap } from '../../../config/forms.ts';
import type { RedisActs, RedisGroup, RedisMaster, RedisNode } from '../../../core/acts/redis-acts.ts';
import { readAddress } from '../../../core/address.ts';
import { messageOf, usageError } from '../../../core/errors.ts';
import { own } from '../../../core/own.ts';
import type { RemovalState } from '../../fault.ts';
import { matching, parameter } from '../../parameters.ts';
import { redisOf } from '../../speakers.ts';
import { unknownName, type World } from '../../world.ts';

/** The server as it was when the plan was made. */
export interface PinnedNode {
  readonly node: RedisNode;
  /** `run_id`. */
  readonly identity: string;
}

export interface RedisVictim {
  readonly acts: RedisActs;
  readonly identity: string;
  /** For people: `cache (run_id a1b2c3d4)`. */
  readonly name: string;
  /** Absent: the only server of its service. */
  readonly node?: RedisNode;
}

export const NODE_PARAMETER = parameter(matching(/^\S+$/, 'one, all, or host:port of a master'), {
  meaning: 'which masters of a Redis Cluster; one: drawn from the seed, which is the default',
  allowed: 'one, all, or host:port of a master',
}).optional();

/** A spec without the key where none was written. */
export const nodeNamed = (node: string | undefined): { readonly node?: string } =>
  node === undefined ? {} : { node };

const pinShape: z.ZodType<RedisNode> = z.object({
  address: z.string().refine((text) => readAddress(text).ok, 'expected host:port'),
  id: z
    .string()
    .regex(/^[0-9a-f]{40}$/, 'expected the id of a node')
    .exactOptional(),
});

export const pinnedShape = z.object({ node: pinShape, identity: z.string() });

/**
 * Undo data of one server, or of several under this key: chosen before it is checked, so that a mistake is
 * said by the rules of its own form.
 */
export const undoOf = <One extends z.ZodType, Several extends z.ZodType>(
  key: string,
  one: One,
  several: Several,
): z.ZodType<z.output<One> | z.output<Several>> =>
  choice({ one, several }, (data) => (isMap(data) && Object.hasOwn(data, key) ? 'several' : 'one'));

/** Empty for the only server of a service. */
export const pinnedIn = (victims: readonly RedisVictim[]): readonly PinnedNode[] =>
  victims.flatMap(({ node, identity }) => (node === undefined ? [] : [{ node, identity }]));

export const groupOf = (service: string, { platform }: World): RedisGroup | undefined =>
  own(platform.redisGroups ?? {}, service);

interface Chosen {
  readonly service: string;
  readonly node: string | undefined;
}

/** @throws usage for a node of a service that is no Redis Cluster. */
export function checkNode(fault: string, { service, node }: Chosen, world: World): void {
  const group = groupOf(service, world);
  if (group?.kind === 'cluster' || node === undefined) return;
  const got = group === undefined ? 'one server' : 'Sentinels, whose present master is the victim';
  throw usageError({
    ...{ subject: `${fault}.node`, expected: `a Redis Cluster behind ${service}`, got },
    next: 'Remove node.',
  });
}

/**
 * In the order of their slots.
 * @throws usage for a node that is none of its masters, and for one server alone.
 */
export async function victimsOf(
  fault: string,
  { service, node }: Chosen,
  world: World,
): Promise<readonly RedisVictim[]> {
  checkNode(fault, { service, node }, world);
  const group = groupOf(service, world);
  if (group === undefined) {
    const acts = redisOf(fault, service, world);
    const identity = await acts.identity();
    return [{ acts, identity, name: `${service} (run_id ${identity.slice(0, 8)})` }];
  }
  return chosen(fault, await group.masters(), node ?? 'one', world).map((master) => {
    const { slots: _, identity, ...pinned } = master;
    return { acts: group.held(pinned), identity, name: sayMaster(service, master), node: pinned };
  });
}

function chosen(
  fault: string,
  masters: readonly RedisMaster[],
  node: string,
  { rng }: World,
): readonly RedisMaster[] {
  if (node === 'all') return masters;
  if (node === 'one') return masters.length === 0 ? [] : masters.slice(rng.below(masters.length)).slice(0, 1);
  const named = masters.filter(({ address }) => address === node);
  if (named.length > 0) return named;
  const known = ['one', 'all', ...masters.map(({ address }) => address)];
  throw unknownName(`${fault}.node`, 'a master', node, known);
}

const sayMaster = (service: string, { address, slots, identity }: RedisMaster): string =>
  `${service} ${address} (${slots === undefined ? 'master' : `slots ${slots}`}, run_id ${identity.slice(0, 8)})`;

/** The acts on the server that was altered. @throws unavailable when it is not found; never another one. */
export async function actsOn(
  fault: string,
  service: string | undefined,
  { node, identity }: { readonly node?: RedisNode; readonly identity: string },
  world: World,
): Promise<RedisActs> {
  const group = service === undefined || node === undefined ? undefined : groupOf(service, world);
  return group === undefined || node === undefined
    ? redisOf(fault, service, world)
    : await group.at(node, identity);
}

/** As this process holds them: for a pause, which its holder ends. Asks nothing. */
export const heldOn = (
  fault: string,
  service: string | undefined,
  node: RedisNode | undefined,
  world: World,
): RedisActs =>
  (service === undefined || node === undefined ? undefined : groupOf(service, world)?.held(node)) ??
  redisOf(fault, service, world);

/** @throws when another process answers there than the one of the plan. */
export async function mustBeSame(acts: RedisActs, { identity, node }: Partial<PinnedNode>): Promise<void> {
  if (node === undefined || (await acts.identity()) === identity) return;
  throw new Error(`${node.address} was restarted before the act`);
}

/**
 * All of them, also when one fails: one that is gone does not keep another altered.
 * @throws the first failure.
 */
export async function onEach<One>(each: readonly One[], act: (one: One) => Promise<void>): Promise<void> {
  const ended = await Promise.allSettled(each.map(act));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** Removed when each of them is; what one says comes after its address. */
export async function allRemoved(
  states: readonly { readonly node?: RedisNode; readonly state: Promise<RemovalState> }[],
): Promise<RemovalState> {
  const said = await Promise.all(
    states.map(async ({ node, state }) => {
      if (node === undefined) return await state;
      const { gone, evidence } = await state.catch(
        (error: unknown): RemovalState => ({ gone: false, evidence: messageOf(error) }),
      );
      return { gone, evidence: `${node.address}: ${evidence}` };
    }),
  );
  return { gone: said.every((one) => one.gone), evidence: said.map((one) => one.evidence).join('; ') };
}
