/**
 * A sandbox that is not up, as far as it is known without starting it: names of services, instances, links,
 * brokers and topics. A fault is planned on it only to find names that match nothing; a question that needs a
 * running sandbox is not an error.
 */
import type { LinkFlow } from '../../core/acts/link-acts.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { brokersOf } from '../../core/topology.ts';
import { readSandboxNames } from '../../system/sandbox/names.ts';

const NOTHING: LinkFlow = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 };

export function paperSandbox(name: string): Platform {
  const { links, instances, topics, topology } = readSandboxNames();
  const identity = `sandbox:${name}`;
  const brokers = brokersOf(topology).map((one) => one.id);
  const unknown = async (): Promise<never> => {
    throw new Error(`sandbox ${name} is not up`);
  };
  return {
    handle: { platform: 'sandbox', identity },
    topology: { ...topology, identity },
    links: {
      list: async () =>
        links.map((one) => ({
          ...one,
          connections: 0,
          bytes: 0,
          traffic: { toServer: NOTHING, toClient: NOTHING, waiting: 0, resets: 0 },
          impairedBy: [],
        })),
      impair: unknown,
      renew: unknown,
      heal: unknown,
    },
    instances: {
      list: async (service) =>
        instances
          .filter((one) => service === undefined || one.service === service)
          .map((one) => ({ ...one, pid: 0, startTicks: '0', ready: true, restarts: 0 })),
      signal: unknown,
      lives: unknown,
    },
    kafka: {
      leaderOf: unknown,
      controller: unknown,
      brokers: () => brokers,
      partitions: async () =>
        topics.flatMap((topic) =>
          Array.from({ length: topic.partitions }, (_, partition) => ({
            topic: topic.name,
            partition,
            leader: 1,
            replicas: brokers,
            isr: brokers,
          })),
        ),
    },
    http: { list: unknown, put: unknown, renew: unknown, end: unknown },
    memory: {
      means: unknown,
      list: unknown,
      begin: unknown,
      renew: unknown,
      endedAt: unknown,
      end: unknown,
    },
  };
}
