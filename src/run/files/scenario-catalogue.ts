/** The scenarios that come with Gauntlet, as campaigns name them. */
import type { ScenarioEntry } from '../../core/scenario.ts';
import { ms } from '../../core/units.ts';

const KINDS = ['business', 'technical', 'behavior', 'evolution', 'architecture'];

export const SCENARIOS: readonly (ScenarioEntry & { readonly vuKb: number })[] = [
  {
    name: 'gateway-intentions',
    summary: 'POST /intentions with pt-BR texts: HTTP, Kafka transaction, Redis',
    flows: ['gateway.intentions'],
    worstStallMs: ms(5000),
    vuKb: 300,
    http: true,
    services: { 'gateway.intentions': 'gateway' },
  },
  {
    name: 'gateway-voice',
    summary: 'POST /intentions/voice: multipart audio',
    flows: ['gateway.voice'],
    worstStallMs: ms(5000),
    vuKb: 420,
    http: true,
    services: { 'gateway.voice': 'gateway' },
  },
  {
    name: 'intention-journey',
    summary: 'two steps: POST /intentions, then GET /intentions/{id} from the cache',
    flows: ['gateway.journey'],
    worstStallMs: ms(5000),
    vuKb: 350,
    http: true,
    services: { 'gateway.journey': 'gateway' },
  },
  {
    name: 'specialists',
    summary: 'gRPC EvaluatePlan on the five specialists, weights settable',
    flows: KINDS.map((kind) => `specialist.${kind}`),
    // Twice the documented stage limit (specialist timeout 2 s,
    // neural-hive-mind/docs/PHASE1_TESTING_GUIDE.md) would hide a miss.
    worstStallMs: ms(2000),
    vuKb: 370,
    http: false,
    services: Object.fromEntries(KINDS.map((kind) => [`specialist.${kind}`, `specialist-${kind}`])),
  },
];
