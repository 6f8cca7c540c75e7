/**
 * The common parts of faults that change one setting of Redis: compare and set, and an undo that overwrites
 * no other client's change. The identity is the server's run_id: a restarted server has lost what CONFIG SET
 * had changed, and nothing is written to it.
 */
import { z } from 'zod';
import type { ActName } from '../../../core/acts/act-names.ts';
import {
  REDIS_SETTINGS,
  type RedisActs,
  type RedisChange,
  type RedisFigures,
  type RedisNode,
  type RedisSetting,
} from '../../../core/acts/redis-acts.ts';
import { usageError } from '../../../core/errors.ts';
import type { Fault, RemovalState } from '../../fault.ts';
import { countShape } from '../../undo-shapes.ts';
import type { World } from '../../world.ts';
import { actsOn, allRemoved, heldOn, onEach, pinnedShape, type RedisVictim, undoOf } from './redis-nodes.ts';
import { judgeRedis, type RedisExpectation } from './redis-proof.ts';

/** Also the undo: `to` is ours, `from` is the value before. */
export type SettingChange = RedisChange & {
  /** INFO's evicted_keys before the change; keys evicted because of it do not come back. */
  readonly evictedKeys: number;
  /** Absent in journals of versions that knew one Redis. */
  readonly service?: string;
  /** One of several servers. Absent: the only one. */
  readonly node?: RedisNode;
};

/** Of one server, or of several. */
export type SettingChanges =
  | SettingChange
  | { readonly service: string; readonly changes: readonly SettingChange[] };

const number = z.string().regex(/^\d+$/, 'expected a whole number');

const changeShape = z.object({
  identity: z.string(),
  // No other setting is ever written, whatever a journal contains.
  key: z.enum(REDIS_SETTINGS),
  from: number,
  to: number,
  evictedKeys: countShape,
  service: z.string().exactOptional(),
  node: pinnedShape.shape.node.exactOptional(),
});

const several = z.object({ service: z.string(), changes: z.array(changeShape).min(1) });
const undoShape = undoOf('changes', changeShape, several);

/** As plan and undo carry them. */
export const changesOf = (service: string, changes: readonly SettingChange[]): SettingChanges => {
  const [first, ...more] = changes;
  return first !== undefined && more.length === 0 ? first : { service, changes };
};

/** @throws usage where a setting has our value already. */
export async function changeOf(
  fault: string,
  service: string,
  { acts, identity, node }: RedisVictim,
  { key, to, other }: { readonly key: RedisSetting; readonly to: string; readonly other: string },
): Promise<{ readonly change: SettingChange; readonly figures: RedisFigures }> {
  const from = await acts.config(key);
  if (from === to) {
    const where = node === undefined ? 'the target' : node.address;
    throw usageError({ subject: `${fault}: ${key} of ${where}`, expected: other, got: from });
  }
  const figures = await acts.figures();
  const { evictedKeys } = figures;
  return { change: { identity, key, from, to, evictedKeys, service, ...(node && { node }) }, figures };
}

const eachOf = (data: SettingChanges): readonly SettingChange[] =>
  'changes' in data ? data.changes : [data];

export const SETTING_PERMISSIONS: readonly ActName[] = [
  'redis.identity',
  'redis.config',
  'redis.setConfig',
  'redis.figures',
];

type Members = 'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed';

/** The members that all faults on one setting share. */
export const settingVerbs = (
  fault: string,
  expected: RedisExpectation,
): Pick<Fault<never, SettingChanges, SettingChanges>, Members> => {
  const heldFor = ({ service, node }: SettingChange, world: World): RedisActs =>
    heldOn(fault, service, node, world);
  const redisFor = (change: SettingChange, world: World): Promise<RedisActs> =>
    actsOn(fault, change.service, change, world);
  return {
    apply: ({ act }, world) => onEach(eachOf(act), (one) => changeSetting(heldFor(one, world), one)),
    async renew({ act }, world) {
      const held = eachOf(act).map((one) => isSettingHeld(heldFor(one, world), one));
      return (await Promise.all(held)).every(Boolean);
    },
    expect: ({ impact: { services } }) => ({
      text: expected.text,
      observe: [],
      judge: (evidence) => judgeRedis(services[0] ?? '', expected, evidence),
    }),
    undoShape,
    undo: ({ data }, world) =>
      onEach(eachOf(data), async (one) => await restoreSetting(await redisFor(one, world), one)),
    removed: ({ data }, world) =>
      allRemoved(
        eachOf(data).map((one) => ({
          ...(one.node && { node: one.node }),
          state: redisFor(one, world).then((redis) => settingRemoved(redis, one)),
        })),
      ),
  };
};

/** @throws when the server was restarted, or the setting was changed, since the plan. */
async function changeSetting(redis: RedisActs, { identity, key, from, to }: SettingChange): Promise<void> {
  const outcome = await redis.setConfig({ identity, key, from, to });
  if (outcome === 'restarted') throw new Error('Redis was restarted before the act');
  if (outcome === 'changed') throw new Error(`${key} was changed by another client before the act`);
}

async function isSettingHeld(redis: RedisActs, { identity, key, to }: SettingChange): Promise<boolean> {
  return (await redis.identity()) === identity && (await redis.config(key)) === to;
}

/** Writes only over our own value on the same server; `settingRemoved` reports any other value. */
async function restoreSetting(redis: RedisActs, { identity, key, from, to }: SettingChange): Promise<void> {
  await redis.setConfig({ identity, key, from: to, to: from });
}

/**
 * Gone when the value is the old one. A value that is neither ours nor the old one comes from another client,
 * and this cannot be called removed.
 */
async function settingRemoved(redis: RedisActs, change: SettingChange): Promise<RemovalState> {
  const { identity, key, from, to } = change;
  const isRestarted = (await redis.identity()) !== identity;
  const now = await redis.config(key);
  if (now === from) {
    const how = isRestarted ? '; Redis was restarted meanwhile' : '';
    const lost = isRestarted ? 0 : (await redis.figures()).evictedKeys - change.evictedKeys;
    const gone = lost > 0 ? `; ${lost} keys were evicted and do not come back` : '';
    return { gone: true, evidence: `${key} is ${from} as before${how}${gone}` };
  }
  if (isRestarted) {
    const evidence = `${key} is ${now} and was ${from}, but Redis was restarted meanwhile: not overwritten`;
    return { gone: false, evidence };
  }
  if (now === to) return { gone: false, evidence: `${key} is still ${to}, it was ${from}` };
  const evidence = `${key} is ${now}: another client changed it meanwhile (before ${from}, by us ${to}); not overwritten`;
  return { gone: false, evidence };
}
