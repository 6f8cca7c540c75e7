/** Publishes to one channel of Redis, on one connection that is opened on demand. */
import type { Access } from '../../core/access.ts';
import { type Address, formatAddress } from '../../core/address.ts';
import type { RedisNodes } from '../../core/redis-nodes.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import type { Sender } from '../line/protocol.ts';
import { discover } from './cluster-view.ts';
import { RedisLine } from './line.ts';
import { SentinelLines } from './sentinel-view.ts';
import { within } from './within.ts';

export function redisSender(address: RedisEndpoint, channel: string): Sender {
  let line: RedisLine | undefined;
  let openedTo = '';
  let closed = false;
  return {
    async send(payload, deadlineMs) {
      const until = performance.now() + deadlineMs;
      const { nodes, access } = address;
      // Of several servers the present master is asked for each time: a replica hands on to nobody else.
      const to = nodes === undefined ? address : await presentMaster(nodes, access, deadlineMs);
      if (line === undefined || line.closed || openedTo !== formatAddress(to)) {
        line?.close();
        const opened = await RedisLine.open({ ...to, ...(access && { access }) }, deadlineMs);
        [line, openedTo] = [opened, formatAddress(to)];
        // Closed while it was opening: no other code would close this connection.
        if (closed) opened.close();
      }
      // The answer is how many subscribers Redis has passed it to; who hears it is the system's affair.
      await line.call(['PUBLISH', channel, payload], Math.max(1, Math.ceil(until - performance.now())));
    },
    close() {
      closed = true;
      line?.close();
    },
  };
}

/** Any master of a Cluster: it hands on to all nodes. */
async function presentMaster(
  nodes: RedisNodes,
  access: Access | undefined,
  deadlineMs: number,
): Promise<Address> {
  if (nodes.kind === 'cluster') {
    const { view, at, line } = await discover(nodes.seeds, access, deadlineMs);
    line.close();
    return view.masters[0]?.address ?? at;
  }
  const sentinels = new SentinelLines(nodes, deadlineMs);
  try {
    return await within(sentinels.master(), deadlineMs);
  } finally {
    sentinels.close();
  }
}
