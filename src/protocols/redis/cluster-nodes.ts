/** CLUSTER NODES: every node that a node knows, whether it serves slots or not. */
import { type Address, formatAddress, readAddress } from '../../core/address.ts';
import { notCluster, wordOf } from './cluster-view.ts';
import type { RedisLine } from './line.ts';

export interface ClusterNode {
  readonly id: string;
  /** Null: the Cluster has lost it. */
  readonly address: string | null;
  readonly isMyself: boolean;
}

/** @param at where it was reached: a node that was never met does not know its own address. */
export async function nodesAt(line: RedisLine, at: Address): Promise<readonly ClusterNode[]> {
  let answer: unknown;
  try {
    answer = await line.send(['CLUSTER', 'NODES']);
  } catch (error) {
    throw notCluster(error, formatAddress(at)) ?? wordOf(error, formatAddress(at));
  }
  return readNodes(String(answer), at);
}

/** `<id> <ip:port@bus[,host]> <flags> <master> …`; before version 4 without `@bus`. */
export function readNodes(text: string, at: Address): readonly ClusterNode[] {
  return text.split('\n').flatMap((line): ClusterNode[] => {
    const [id = '', place = '', flags = ''] = line.split(' ');
    const [, host = '', port = ''] = /^(.*):(\d+)(?:@\d+)?(?:,.*)?$/.exec(place) ?? [];
    if (id === '' || port === '') return [];
    const isMyself = flags.split(',').includes('myself');
    const isLost = flags.split(',').includes('noaddr') || (host === '' && !isMyself) || port === '0';
    const known = { host: host === '' ? at.host : host, port: Number(port) };
    const read = readAddress(formatAddress(known));
    return [{ id, address: isLost || !read.ok ? null : formatAddress(read.address), isMyself }];
  });
}
