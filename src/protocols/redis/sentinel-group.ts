/** The master that Sentinels name, and the servers that were it. */
import type { RedisActs, RedisMaster, RedisNode } from '../../core/acts/redis-acts.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { RedisSentinels } from '../../core/redis-nodes.ts';
import { firstGood } from './first-good.ts';
import { DEADLINE_MS, RedisNodesController, sameAddress } from './group.ts';
import { RedisLine } from './line.ts';
import { type Member, membersAt, SentinelLines } from './sentinel-view.ts';
import { within } from './within.ts';

export class SentinelGroup extends RedisNodesController<RedisSentinels> {
  async masters(): Promise<readonly RedisMaster[]> {
    const sentinels = new SentinelLines(this.nodes, DEADLINE_MS);
    try {
      const named = within(sentinels.master(), DEADLINE_MS);
      const address = formatAddress(
        await this.said(`Sentinels that name the master ${this.nodes.master}`, named),
      );
      const node = this.held({ address });
      const asked = Promise.all([node.identity(), node.isMaster()]);
      const [identity, isMaster] = await this.said(`an answer of ${address}`, asked);
      if (!isMaster) await this.said('a master', Promise.reject(new Error(`a replica at ${address}`)));
      return [{ address, identity }];
    } finally {
      sentinels.close();
    }
  }

  /**
   * Sentinels know a server by its address. Another process there is the same server restarted only if Sentinels
   * know it, and none of their other servers is the one that is meant.
   */
  async at(node: RedisNode, identity: string): Promise<RedisActs> {
    const there = await this.#identityAt(node.address);
    if (there.identity === identity) return this.held(node);
    const members = await this.#members();
    const isElsewhere = ({ address }: Member): boolean => !sameAddress(address, node.address);
    for (const member of members.filter(isElsewhere)) {
      if ((await this.#identityAt(member.address)).identity === identity) return this.held(member);
    }
    if (there.identity === undefined) throw this.lost(node, identity, there.why);
    if (members.every(isElsewhere))
      throw this.lost(
        node,
        identity,
        `another server (run_id ${there.identity.slice(0, 8)}), which the Sentinels do not know`,
      );
    return this.held(node);
  }

  async #identityAt(
    address: string,
  ): Promise<{ readonly identity: string } | { readonly identity?: undefined; readonly why: string }> {
    try {
      return { identity: await this.held({ address }).identity() };
    } catch (error) {
      // What a user has to mend: a secret that is not set.
      if (error instanceof GauntletError && error.kind === 'usage') throw error;
      return { why: messageOf(error) };
    }
  }

  async #members(): Promise<readonly Member[]> {
    const { sentinels, master, access } = this.nodes;
    const tries = sentinels.map((sentinel) => async () => {
      const line = await RedisLine.open({ ...addressOf(sentinel), ...(access && { access }) }, DEADLINE_MS);
      try {
        return await within(membersAt(line, sentinel, master), DEADLINE_MS);
      } finally {
        line.close();
      }
    });
    return await firstGood(
      tries,
      () => undefined,
      () => false,
    ).catch(() => []);
  }
}
