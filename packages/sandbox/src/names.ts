/**
 * Everything that is known of a sandbox before it runs: names of links, instances, brokers and topics, and
 * its topology. The harness, which plans faults with names only, reads it from `names.json`; a test keeps
 * that file current.
 */
import type { EndpointAt, ServiceAt } from '../../../src/core/topology.ts';
import type { SandboxNames } from '../../../src/system/sandbox/names.ts';
import { TOPICS } from '../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { addressesOf, planLayout, USUAL_PORTS } from './layout.ts';
import { sandboxSystem, topologyOf } from './system.ts';

export function sandboxNames(): SandboxNames {
  const layout = planLayout(1, USUAL_PORTS);
  const { services, ...others } = topologyOf(addressesOf(layout, 'probe'), 'default');
  return {
    links: layout.links.map(({ name, from, to }) => ({ name, from, to })),
    instances: layout.instances.map(({ service, instance, host }) => ({ service, instance, host })),
    topics: TOPICS,
    // The paths of protos and bodies are those of one machine.
    topology: { ...others, services: services.map(withoutPaths) },
  };
}

const withoutPaths = ({ name, endpoints }: ServiceAt): ServiceAt => ({
  name,
  endpoints: endpoints.map((one) => ({ ...one, proto: null, asks: withinFolder(one.asks) })),
});

const withinFolder = (asks: EndpointAt['asks']): EndpointAt['asks'] =>
  JSON.parse(JSON.stringify(asks).replaceAll(`${sandboxSystem().folder}/`, '')) as EndpointAt['asks'];
