/** The nodes of a Redis Cluster, each by its id. */
import type { RedisActs, RedisMaster, RedisNode } from '../../core/acts/redis-acts.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RedisCluster } from '../../core/redis-nodes.ts';
import { type ClusterNode, nodesAt } from './cluster-nodes.ts';
import { discover } from './cluster-view.ts';
import { firstGood } from './first-good.ts';
import { DEADLINE_MS, RedisNodesController } from './group.ts';
import { RedisLine } from './line.ts';
import { sayRanges } from './slots.ts';
import { within } from './within.ts';

export class ClusterGroup extends RedisNodesController<RedisCluster> {
  async masters(): Promise<readonly RedisMaster[]> {
    const found = discover(this.nodes.seeds, this.access, DEADLINE_MS);
    const { view, line } = await this.said('a Redis Cluster that serves every slot', found);
    line.close();
    return await Promise.all(
      view.masters.map(async ({ id, address, ranges }) => {
        const node = { id, address: formatAddress(address) };
        const identity = await this.said(`an answer of ${node.address}`, this.held(node).identity());
        return { ...node, identity, slots: sayRanges(ranges) };
      }),
    );
  }

  /** Where it was, or where the others say that it is now. */
  async at(node: RedisNode, identity: string): Promise<RedisActs> {
    const there = await this.#nodesAt(node.address);
    if (myself(there) === node.id) return this.held(node);
    const known = typeof there === 'string' ? await this.#nodesOfAny() : there;
    const now = known.find((one) => one.id === node.id)?.address ?? null;
    const got = typeof there === 'string' ? there : `node ${myself(there)?.slice(0, 8) ?? 'of another kind'}`;
    if (now === null || now === node.address) throw this.lost(node, identity, got);
    const moved = await this.#nodesAt(now);
    if (myself(moved) !== node.id) {
      const word = typeof moved === 'string' ? moved : 'another node';
      throw this.lost(node, identity, `${got}; at ${now}, where the Cluster says that it is, ${word}`);
    }
    return this.held({ address: now });
  }

  /** Or why there is no answer. */
  async #nodesAt(where: string): Promise<readonly ClusterNode[] | string> {
    const at = addressOf(where);
    let line: RedisLine | undefined;
    try {
      line = await RedisLine.open({ ...at, ...(this.access && { access: this.access }) }, DEADLINE_MS);
      return await within(nodesAt(line, at), DEADLINE_MS);
    } catch (error) {
      // What a user has to mend: a secret that is not set.
      if (error instanceof GauntletError && error.kind === 'usage') throw error;
      return messageOf(error);
    } finally {
      line?.close();
    }
  }

  async #nodesOfAny(): Promise<readonly ClusterNode[]> {
    const tries = this.nodes.seeds.map((seed) => async () => {
      const nodes = await this.#nodesAt(seed);
      if (typeof nodes === 'string') throw new Error(nodes);
      return nodes;
    });
    return await firstGood(
      tries,
      () => undefined,
      () => false,
    ).catch(() => []);
  }
}

const myself = (nodes: readonly ClusterNode[] | string): string | undefined =>
  typeof nodes === 'string' ? undefined : nodes.find((one) => one.isMyself)?.id;
