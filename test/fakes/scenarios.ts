/**
 * What the scenarios that come with Gauntlet say about themselves, for tests that start no k6; a test compares
 * it with what k6 says (test/integration/load/descriptions.test.ts).
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Campaign, Known } from '../../src/config/read-campaign.ts';
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { ScenarioEntry } from '../../src/core/scenario.ts';
import type { System } from '../../src/core/system.ts';
import { ms } from '../../src/core/units.ts';
import { namesOfAsks } from '../../src/protocols/names.ts';
import { KNOWN_FAULTS, readCampaign as readWith } from '../../src/run/files/read-campaign.ts';
import { projectRoot } from '../../src/system/project.ts';

const fileOf = (name: string): string => join(projectRoot, 'scenarios', `${name}.ts`);

const INTENTIONS = {
  written: ['intentions.*'],
  topics: ['business', 'technical', 'infrastructure', 'security', 'validation'].map((domain) => ({
    ...{ name: `intentions.${domain}`, service: 'kafka', correlation: { header: 'correlation-id' } },
  })),
};

const KINDS = ['business', 'technical', 'behavior', 'evolution', 'architecture'];

export const SCENARIOS: readonly (ScenarioEntry & { readonly vuKb: number })[] = [
  {
    name: 'gateway-intentions',
    file: fileOf('gateway-intentions'),
    summary: 'POST /intentions with pt-BR texts: HTTP, Kafka transaction, Redis',
    flows: ['gateway.intentions'],
    worstStallMs: ms(5000),
    vuKb: 300,
    http: true,
    services: { 'gateway.intentions': 'gateway' },
    records: { 'gateway.intentions': INTENTIONS },
  },
  {
    name: 'gateway-voice',
    file: fileOf('gateway-voice'),
    summary: 'POST /intentions/voice: multipart audio',
    flows: ['gateway.voice'],
    worstStallMs: ms(5000),
    vuKb: 420,
    http: true,
    services: { 'gateway.voice': 'gateway' },
    records: { 'gateway.voice': INTENTIONS },
  },
  {
    name: 'intention-journey',
    file: fileOf('intention-journey'),
    summary: 'two steps: POST /intentions, then GET /intentions/{id} from the cache',
    flows: ['gateway.journey'],
    worstStallMs: ms(5000),
    vuKb: 350,
    http: true,
    services: { 'gateway.journey': 'gateway' },
    records: { 'gateway.journey': INTENTIONS },
  },
  {
    name: 'specialists',
    file: fileOf('specialists'),
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

export const KNOWN: Known = {
  names: SCENARIOS.map((one) => one.name),
  scenarios: new Map(SCENARIOS.map((entry) => [entry.name, { ok: true, entry }])),
  faults: KNOWN_FAULTS,
};

const IMMUNE = parseSystemFile('active-immune-core');
const TASK: ScenarioEntry = {
  name: 'task',
  file: fileOf('active-immune-core/task'),
  summary: 'POST /coordination/tasks: a task, stored in the memory of one process',
  flows: ['immune.task'],
  worstStallMs: ms(2000),
  vuKb: 300,
  http: true,
  services: { 'immune.task': 'active-immune-core' },
};
/** The campaigns of other systems than the default one. */
const OTHERS: Readonly<Record<string, Known>> = {
  'fase-12.yaml': {
    ...{ names: [TASK.name], scenarios: new Map([[TASK.name, { ok: true, entry: TASK }]]) },
    ...{ faults: KNOWN_FAULTS, asks: namesOfAsks(IMMUNE), system: IMMUNE },
  },
};

function parseSystemFile(name: string): System {
  const file = join(projectRoot, 'systems', name, 'system.yaml');
  return parseSystem(file, readFileSync(file, 'utf8'));
}

/** As `gauntlet run` reads it, without k6. */
export const readCampaign = (file: string): Campaign => readWith(file, OTHERS[basename(file)] ?? KNOWN);
