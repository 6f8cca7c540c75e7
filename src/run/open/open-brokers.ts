/** Brokers of a Kafka as services of their own, where each is proven to be one instance of the target. */
import type { DockerBlock, TargetFile } from '../../config/read-target.ts';
import type { DockerService } from '../../core/acts/docker-handle.ts';
import type { ProcessService } from '../../core/acts/processes-handle.ts';
import { linksAmong } from '../../core/declared-links.ts';
import type { Problem } from '../../core/errors.ts';
import { kafkasOf, type Topology } from '../../core/topology.ts';
import type { BrokerServices } from '../../targets/brokers/kafka-brokers.ts';
import { brokerContainers } from '../../targets/docker/broker-containers.ts';
import type { Engine } from '../../targets/docker/engine.ts';
import { brokerProcesses } from '../../targets/processes/broker-processes.ts';

export interface WithBrokers<Service> {
  readonly services: Readonly<Record<string, Service>>;
  /** By Kafka: brokers without an instance. */
  readonly unproven: Readonly<Record<string, readonly Problem[]>>;
}

/** @throws unavailable when the engine does not answer. */
export async function dockerBrokers(
  { services, brokers }: Pick<DockerBlock, 'services' | 'brokers'>,
  topology: Topology,
  engine: Engine,
): Promise<WithBrokers<DockerService>> {
  const kafkas = kafkasOf(topology);
  return await withBrokers(services, Object.keys(brokers), async (name) => {
    const where = brokers[name];
    return where === undefined ? null : await brokerContainers(engine, name, kafkas[name] ?? [], where);
  });
}

/** Those that the system declares; none: any pair is a link. */
export function dockerLinksOf(
  services: Readonly<Record<string, unknown>>,
  system: TargetFile['system'],
): { readonly links?: readonly string[] } {
  const links = linksAmong(Object.keys(services), system);
  return links === null ? {} : { links };
}

export async function processBrokers(
  services: Readonly<Record<string, ProcessService>>,
  topology: Topology,
  system: TargetFile['system'],
): Promise<WithBrokers<ProcessService>> {
  const kafkas = kafkasOf(topology);
  return await withBrokers(services, Object.keys(kafkas), async (name) => {
    const written = services[name];
    const find = system.services.find((one) => one.name === name)?.find.processes;
    if (written === undefined) return null;
    return await brokerProcesses(name, kafkas[name] ?? [], written, find !== undefined);
  });
}

/**
 * A Kafka whose brokers are services of their own is no service any more: nobody could choose one of them.
 */
async function withBrokers<Service>(
  services: Readonly<Record<string, Service>>,
  kafkas: readonly string[],
  prove: (kafka: string) => Promise<BrokerServices<Service> | null>,
): Promise<WithBrokers<Service>> {
  const found = await Promise.all(kafkas.map(async (name) => [name, await prove(name)] as const));
  const proven = new Map(found.flatMap(([name, one]) => (one === null ? [] : [[name, one] as const])));
  return {
    services: Object.fromEntries(
      Object.entries(services).flatMap(([name, own]) => {
        const one = proven.get(name);
        return one === undefined ? [[name, own]] : Object.entries(one.services);
      }),
    ),
    unproven: Object.fromEntries(
      [...proven].flatMap(([name, { problems }]) => (problems.length === 0 ? [] : [[name, problems]])),
    ),
  };
}
