/** The scenarios that come with Gauntlet, as campaigns name them. */
import type { ScenarioEntry } from '../../core/scenario.ts';
import type { Topology } from '../../core/topology.ts';
import { SPECIALISTS } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';

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
