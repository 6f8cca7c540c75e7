/**
 * A sandbox that is not up, as far as it is known without starting it: names of services, instances, links,
 * brokers and topics. A fault is planned on it only to find names that match nothing; a question that needs a
 * running sandbox is not an error.
 */
import type { LinkFlow } from '../../core/acts/link-acts.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { addressesOf } from '../../core/sandbox/addresses.ts';
import { planLayout } from '../../core/sandbox/layout.ts';
import { CLIENT } from '../../core/sandbox/processes.ts';
import type { System } from '../../core/system.ts';
import { brokersOf, servicesAt, speaking, type Topology } from '../../core/topology.ts';

const NOTHING: LinkFlow = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 };

/** Only the shape of its addresses is valid. */
const ANY_SUBNET = 1;

/** @throws usage when the system cannot be run in a sandbox. */
export function paperSandbox(name: string, system: System): Platform {
  const layout = planLayout(system, ANY_SUBNET);
  const { links, instances } = layout;
  const identity = `sandbox:${name}`;
  const services = servicesAt(system, addressesOf(layout, CLIENT));
  const topology: Topology = { platform: 'sandbox', identity, services };
  const brokers = brokersOf(topology).map((one) => one.id);
  const cluster = speaking(topology, 'kafka')[0]?.name;
  const unknown = async (): Promise<never> => {
    throw new Error(`sandbox ${name} is not up`);
  };
  return {
    handle: { platform: 'sandbox', identity },
    topology,
    links: {
      list: async () =>
        links.map(({ name: link, from, to }) => ({
          ...{ name: link, from, to },
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
          .map(({ service: of, instance, host }) => ({
            ...{ service: of, instance, host },
            ...{ pid: 0, startTicks: '0', ready: true, restarts: 0 },
          })),
      signal: unknown,
      lives: unknown,
    },
    ...(cluster !== undefined && {
      kafka: {
        leaderOf: unknown,
        controller: unknown,
        brokers: () => brokers,
        partitions: async () =>
          system.topics
            .filter((one) => one.service === cluster)
            .map(({ name: topic }) => ({
              ...{ topic, partition: 0, leader: 1 },
              ...{ replicas: brokers, isr: brokers },
            })),
      },
    }),
    workloads: { list: unknown, read: unknown, scaler: unknown, roll: unknown, scale: unknown },
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
