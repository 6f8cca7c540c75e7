/**
 * Whether Gauntlet may send commands to the server behind the Redis address of a target file: it must be one
 * of the pods that the file calls `redis`, and its owner must have opted in. The server itself reports its
 * address, because an address in a file may lead anywhere.
 */

import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import { readAddress } from '../../core/address.ts';
import { type Problem, show } from '../../core/errors.ts';
import type { PodVictim } from '../../core/topology.ts';
import type { KubeApi } from '../client/client.ts';
import { listPods } from '../pods/pod-list.ts';
import { isOver } from '../pods/pod-record.ts';

export interface RedisAtPods {
  readonly problems: readonly Problem[];
  /** The pod of the answering server; the guards of every pod apply to it as well. */
  readonly pod: PodVictim | null;
}

/** @param serverAddress as the server reports it, `address:port`; null when it does not. */
export async function redisAtPods(
  client: KubeApi,
  service: string,
  where: PodSelector | undefined,
  serverAddress: string | null,
): Promise<RedisAtPods> {
  if (where === undefined) {
    const next = `Say where its pods are in the target file: services: { ${service}: { find: { kubernetes: { namespace, selector } } } }.`;
    return refusedWith({ subject: service, expected: 'the pods that it is', got: 'no such service', next });
  }
  if (serverAddress === null) {
    const expected = 'a server that reports its own address (CLIENT INFO, Redis 6.2 and later)';
    return refusedWith({ subject: service, expected, got: 'one that does not' });
  }
  const said = readAddress(serverAddress);
  if (!said.ok) {
    const expected = 'a server that reports its own address';
    return refusedWith({ subject: service, expected, got: show(serverAddress) });
  }
  const { host: address } = said.address;
  const pods = (await listPods(client, where)).items.filter((one) => !isOver(one));
  const found = pods.find((one) => one.addresses.includes(address));
  if (found) {
    const { name: instance, namespace, uid } = found;
    return { problems: [], pod: { service, instance, namespace, uid } };
  }
  const known = pods.map((one) => `${one.name} at ${one.addresses.join(', ') || 'no address'}`).join('; ');
  return refusedWith({
    subject: 'redis.url of the target',
    expected: `a server in one of the pods "${where.selector}" in ${where.namespace} (${known || 'there is none'})`,
    got: `a server at ${serverAddress}`,
  });
}

const refusedWith = (problem: Problem): RedisAtPods => ({ problems: [problem], pod: null });
