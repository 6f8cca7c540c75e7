/**
 * A sandbox that is not up, as far as it is known without starting it: names of services, instances, links, brokers and topics.
 * A fault is planned on it only to find names that match nothing; what only a living sandbox can say is an error that is no mistake.
 */
import type { LinkFlow } from '../../../src/core/acts/link-acts.ts';
import type { Platform } from '../../../src/core/acts/platform.ts';
import { TOPICS } from '../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { BROKER_IDS, planLayout, topologyOf, USUAL_PORTS } from './layout.ts';

const NOTHING: LinkFlow = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 };

export function paperSandbox(name: string): Platform {
  const layout = planLayout(1, USUAL_PORTS);
  const unknown = async (): Promise<never> => {
    throw new Error(`sandbox ${name} is not up`);
  };
  return {
    handle: { platform: 'sandbox', identity: `sandbox:${name}` },
    topology: topologyOf(layout, name, 'probe'),
    links: {
      list: async () =>
        layout.links.map(({ name: link, from, to }) => ({
          name: link,
          from,
          to,
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
        layout.seats
          .filter((one) => service === undefined || one.service === service)
          .map((one) => ({ ...one, pid: 0, startTicks: '0', ready: true, restarts: 0 })),
      signal: unknown,
      lives: unknown,
    },
    kafka: {
      leaderOf: unknown,
      controller: unknown,
      brokers: () => BROKER_IDS,
      partitions: async () =>
        TOPICS.flatMap((topic) =>
          Array.from({ length: topic.partitions }, (_, partition) => ({
            topic: topic.name,
            partition,
            leader: 1,
            replicas: BROKER_IDS,
            isr: BROKER_IDS,
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
