/**
 * Whether what a target file names is what it says: each seed a node of one Cluster, each Sentinel one that knows
 * the master. A server that does not answer is no mistake of the file: the others name it.
 */
import type { Access } from '../../core/access.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import { GauntletError } from '../../core/errors.ts';
import type { RedisCluster, RedisNodes, RedisSentinels } from '../../core/redis-nodes.ts';
import { ServerWord } from '../line/line.ts';
import { nodesAt } from './cluster-nodes.ts';
import { discover } from './cluster-view.ts';
import { RedisLine } from './line.ts';
import { masterAt } from './sentinel-view.ts';
import { sayMaster } from './slots.ts';
import { within } from './within.ts';

/**
 * What is there, for people: `a Cluster: 127.0.0.1:7001 (slots 0-5460), …`.
 * @throws ServerWord with what is wrong with the list and what to do.
 */
export const sayMembers = (
  nodes: RedisNodes,
  access: Access | undefined,
  deadlineMs: number,
): Promise<string> =>
  nodes.kind === 'cluster' ? sayCluster(nodes, access, deadlineMs) : saySentinels(nodes, deadlineMs);

async function sayCluster({ seeds }: RedisCluster, access: Access | undefined, deadlineMs: number) {
  const asked = await Promise.all(
    seeds.map(async (seed) => ({
      seed,
      nodes: await atEach(seed, access, deadlineMs, (line) => nodesAt(line, addressOf(seed))),
    })),
  );
  const there = asked.flatMap(({ seed, nodes }) => (nodes === null ? [] : [{ seed, nodes }]));
  // The one that knows most: a server that was never met knows itself alone.
  const [first] = [...there].sort((a, b) => b.nodes.length - a.nodes.length);
  for (const { seed, nodes } of there) {
    const own = nodes.find((one) => one.isMyself)?.id;
    if (first === undefined || first.nodes.some((one) => one.id === own)) continue;
    const alone =
      nodes.length === 1 ? 'a node that knows no other' : `a node of another one, of ${nodes.length} nodes`;
    throw new ServerWord(
      `${seed} is no node of the Cluster of ${first.seed}`,
      `${seed} is ${alone}, and no node of the Cluster of ${first.seed}`,
      `Remove ${seed} from cluster, or join it: CLUSTER MEET.`,
    );
  }
  const { view, line } = await discover(seeds, access, deadlineMs);
  line.close();
  return `a Cluster: ${view.masters.map(sayMaster).join(', ')}`;
}

async function saySentinels({ sentinels, master, access }: RedisSentinels, deadlineMs: number) {
  const asked = await Promise.all(
    sentinels.map((sentinel) =>
      atEach(sentinel, access, deadlineMs, (line) => masterAt(line, sentinel, master)),
    ),
  );
  const named = [...new Set(asked.flatMap((at) => (at === null ? [] : [formatAddress(at)])))];
  const there = asked.filter((at) => at !== null).length;
  return `master ${master} of ${there} of ${sentinels.length} Sentinels: ${named.join(' and ') || 'none answers'}`;
}

/** Null: it does not answer. Rejects with ServerWord alone. */
async function atEach<T>(
  where: string,
  access: Access | undefined,
  deadlineMs: number,
  ask: (line: RedisLine) => Promise<T>,
): Promise<T | null> {
  let line: RedisLine | undefined;
  try {
    line = await RedisLine.open({ ...addressOf(where), ...(access && { access }) }, deadlineMs);
    return await within(ask(line), deadlineMs);
  } catch (error) {
    if (error instanceof ServerWord || error instanceof GauntletError) throw error;
    return null;
  } finally {
    line?.close();
  }
}
