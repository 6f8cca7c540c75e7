/**
 * What a campaign may load: each scenario's flows, what it needs of a target, and how long its requests may
 * take.
 */
import type { Topology } from '../core/topology.ts';
import { SPECIALISTS } from '../core/topology.ts';
import { type Ms, ms } from '../core/units.ts';

export interface ScenarioEntry {
  readonly name: string;
  readonly summary: string;
  /** Flow and its share of the scenario's rate when no weights are set. */
  readonly flows: readonly string[];
  /** The client's own time limit: nothing takes longer, so rate × this is the number of VUs. */
  readonly worstStallMs: Ms;
  /** What one VU holds in k6 when nothing is garbage (docs/decisions/018-flat-memory.md), in kB. */
  readonly vuKb: number;
  /** Over HTTP: servers close connections that idle, and redirects can be followed. */
  readonly http: boolean;
  /** Whether the target has what a flow is sent to. */
  hasAddress(topology: Topology, flow: string): boolean;
  /** Environment of the script for some of its flows, or the part of the target that is missing. */
  environment(
    topology: Topology,
    flows: readonly string[],
  ): { readonly env: Readonly<Record<string, string>> } | { readonly missing: string };
}

const gateway = {
  hasAddress: (topology: Topology) => topology.gateway !== undefined,
  environment: (topology: Topology) =>
    topology.gateway ? { env: { GATEWAY_URL: topology.gateway.url } } : { missing: 'gateway.url' },
};
const specialistOf = (flow: string) => SPECIALISTS.find((name) => flow === `specialist.${name}`);

export const SCENARIOS: readonly ScenarioEntry[] = [
  {
    name: 'gateway-intentions',
    summary: 'POST /intentions with pt-BR texts: HTTP, Kafka transaction, Redis',
    flows: ['gateway.intentions'],
    worstStallMs: ms(5000),
    vuKb: 300,
    http: true,
    ...gateway,
  },
  {
    name: 'gateway-voice',
    summary: 'POST /intentions/voice: multipart audio',
    flows: ['gateway.voice'],
    worstStallMs: ms(5000),
    vuKb: 420,
    http: true,
    ...gateway,
  },
  {
    name: 'intention-journey',
    summary: 'two steps: POST /intentions, then GET /intentions/{id} from the cache',
    flows: ['gateway.journey'],
    worstStallMs: ms(5000),
    vuKb: 350,
    http: true,
    ...gateway,
  },
  {
    name: 'specialists',
    summary: 'gRPC EvaluatePlan on the five specialists, weights settable',
    flows: SPECIALISTS.map((name) => `specialist.${name}`),
    // Twice the documented stage limit (specialist timeout 2 s,
    // neural-hive-mind/docs/PHASE1_TESTING_GUIDE.md) would hide a miss.
    worstStallMs: ms(2000),
    vuKb: 370,
    http: false,
    hasAddress(topology, flow) {
      const name = specialistOf(flow);
      return name !== undefined && topology.specialists[name] !== undefined;
    },
    environment(topology, flows) {
      const names = flows.flatMap((flow) => specialistOf(flow) ?? []);
      const absent = names.filter((name) => topology.specialists[name] === undefined);
      if (absent.length > 0) return { missing: absent.map((name) => `specialists.${name}`).join(', ') };
      const env = names.map((name) => [`SPECIALIST_${name.toUpperCase()}`, topology.specialists[name] ?? '']);
      return { env: Object.fromEntries(env) as Record<string, string> };
    },
  },
];
