/** Whether a service gives a good answer now: its probe, asked on a fresh connection when somebody wants to know. */
import type { Clock } from '../../core/clock.ts';
import type { Topology } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import type { Probe } from './connection-probe.ts';
import { createProbe, probeNames } from './create-probe.ts';

const DEADLINE = ms(400);

export class ServiceReadiness {
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #probes = new Map<string, Probe>();

  constructor(topology: Topology, clock: Clock) {
    this.#topology = topology;
    this.#clock = clock;
  }

  /** A service without an address cannot be asked: that its process runs is all that is known. */
  async of(service: string): Promise<boolean> {
    const probe = this.#probeOf(service);
    return probe === undefined || (await probe.send('fresh', DEADLINE)).ok;
  }

  close(): void {
    for (const probe of this.#probes.values()) probe.close();
    this.#probes.clear();
  }

  #probeOf(service: string): Probe | undefined {
    const known = this.#probes.get(service);
    if (known !== undefined || !probeNames(this.#topology).includes(service)) return known;
    const probe = createProbe(service, this.#topology, this.#clock);
    this.#probes.set(service, probe);
    return probe;
  }
}
