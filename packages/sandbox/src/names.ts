/**
 * Everything that is known of a sandbox before it runs: names of links, instances, brokers and topics, and
 * its topology. The harness, which plans faults with names only, reads it from `names.json`; a test keeps
 * that file current.
 */
import type { SandboxNames } from '../../../src/system/sandbox/names.ts';
import { TOPICS } from '../../../systems/neural-hive-mind/stand-ins/src/topics.ts';
import { planLayout, topologyOf, USUAL_PORTS } from './layout.ts';

export function sandboxNames(): SandboxNames {
  const layout = planLayout(1, USUAL_PORTS);
  const { kafka, ...others } = topologyOf(layout, 'default', 'probe');
  if (!kafka) throw new Error('a sandbox has brokers');
  return {
    links: layout.links.map(({ name, from, to }) => ({ name, from, to })),
    instances: layout.instances.map(({ service, instance, host }) => ({ service, instance, host })),
    topics: TOPICS,
    topology: { ...others, kafka },
  };
}
