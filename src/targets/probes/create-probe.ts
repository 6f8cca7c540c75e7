/** A probe by its name, and the names of those that decide whether a target is up. */
import type { Clock } from '../../core/clock.ts';
import { dependencies, type Topology } from '../../core/topology.ts';
import { diallerOf, probeNamed } from '../../protocols/asks.ts';
import { ConnectionProbe, type Probe } from './connection-probe.ts';

/** @throws usage error that lists the probes this target has. */
export function createProbe(name: string, topology: Topology, clock: Clock): Probe {
  const ask = probeNamed(name, topology);
  const { everyMs, timeoutMs } = ask;
  return new ConnectionProbe(name, diallerOf(ask, topology), clock, { everyMs, timeoutMs });
}

/** One for each part of a target that can be asked. Without questions that need a permission or a reason. */
export const probeNames = (topology: Topology): readonly string[] => dependencies(topology);
