/**
 * The address of a Redis in a target file: one server, some nodes of a Cluster, or Sentinels with the name of
 * a master.
 */
import { z } from 'zod';
import type { Access } from '../core/access.ts';
import type { RedisNodes } from '../core/redis-nodes.ts';
import { block, choice, isMap, listOf } from './forms.ts';
import { absoluteLogin, redisLogin } from './target-logins.ts';
import { address, redisUrl } from './words/address.ts';
import { text } from './words/name.ts';

const NODES = 'a list of addresses such as ["127.0.0.1:7001", "127.0.0.1:7002"]';
const SENTINELS = 'a list of addresses such as ["127.0.0.1:26379"]';

const cluster = block({
  cluster: listOf(address, NODES, 1).describe('some of its nodes; they name all others'),
});

const sentinels = block({
  sentinels: listOf(address, SENTINELS, 1).describe('each Sentinel; they name the master'),
  master: text('the name of a master').describe('as the Sentinels call it'),
  login: redisLogin.optional().describe('how Gauntlet logs in at the Sentinels themselves'),
});

/** A map with one of these keys is one address, and not one for each protocol. */
const KEYS = ['cluster', 'sentinels', 'master'] as const;

export const isNodes = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isMap(value) && KEYS.some((key) => Object.hasOwn(value, key));

/** Beside an address of one server. */
export const nodesForms = { cluster, sentinels };

/** @param value a map. */
export const nodesForm = (value: Readonly<Record<string, unknown>>): keyof typeof nodesForms =>
  Object.hasOwn(value, 'cluster') || !isNodes(value) ? 'cluster' : 'sentinels';

export const redisAddress: z.ZodType = choice({ one: redisUrl, ...nodesForms }, (value) =>
  isMap(value) ? nodesForm(value) : 'one',
).describe('redis://host:port or rediss://host:port; or nodes of a Cluster; or Sentinels and their master');

const read = z.union([
  z.object({ cluster: z.array(z.string()).min(1) }),
  z.object({
    sentinels: z.array(z.string()).min(1),
    master: z.string(),
    login: z.custom<NonNullable<Access['login']>>().optional(),
  }),
]);

/** The same in any order of the list: two files of one Redis get the same lock. */
const firstOf = (list: readonly string[]): string => [...list].sort()[0] ?? '';

/**
 * Null: it is one server, or could not be read. @param access of the nodes; the Sentinels share its TLS.
 * @param file of the target: paths of secrets are relative to it.
 */
export function nodesOf(
  value: unknown,
  access: Access | undefined,
  file: string,
): { readonly address: string; readonly nodes: RedisNodes } | null {
  const parsed = isNodes(value) ? read.safeParse(value) : undefined;
  if (parsed?.success !== true) return null;
  if ('cluster' in parsed.data) {
    const seeds = parsed.data.cluster;
    return { address: firstOf(seeds), nodes: { kind: 'cluster', seeds } };
  }
  const { master, login, ...given } = parsed.data;
  const own = {
    ...(access?.tls && { tls: access.tls }),
    ...(login && { login: absoluteLogin(login, file) }),
  };
  return {
    address: firstOf(given.sentinels),
    nodes: {
      ...{ kind: 'sentinels', sentinels: given.sentinels, master },
      ...(Object.keys(own).length > 0 && { access: own }),
    },
  };
}
