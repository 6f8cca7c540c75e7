/** What a script is told about a target: the addresses of the services that it calls. */
import { addressOf } from '../../core/address.ts';
import { addressVariable, type ScenarioEntry } from '../../core/scenario.ts';
import { fillTemplate } from '../../core/template.ts';
import type { AddressAt, Topology } from '../../core/topology.ts';
import { type Called, dialledByK6 } from './called-service.ts';

export interface ScriptEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Services, or words such as `web.address`, that the target has no address for. */
  readonly missing: readonly string[];
}

/** Empty without a topology: a sandbox that is down has no addresses. */
export function environmentOf(
  scenario: ScenarioEntry,
  flows: readonly string[],
  topology: Topology | null,
): ScriptEnvironment {
  if (topology === null) return { env: {}, missing: [] };
  return scenario.env === undefined
    ? byService(scenario, flows, topology)
    : asWritten(scenario.env, topology);
}

/** Whether a flow can be sent. A foreign script knows its own services. */
export const hasAddress = (scenario: ScenarioEntry, flow: string, topology: Topology): boolean =>
  scenario.services[flow] === undefined || addressOfFlow(scenario, flow, topology) !== undefined;

/** Of the endpoint that load uses. */
const atOfFlow = (scenario: ScenarioEntry, flow: string, topology: Topology): AddressAt | undefined =>
  topology.services
    .find((one) => one.name === scenario.services[flow])
    ?.endpoints.find((one) => one.protocol === (scenario.http ? 'http' : 'grpc'))?.at[0];

const addressOfFlow = (scenario: ScenarioEntry, flow: string, topology: Topology): string | undefined => {
  const at = atOfFlow(scenario, flow, topology);
  return at && dialledByK6(at);
};

/** Once each. */
export function calledBy(
  scenario: ScenarioEntry,
  flows: readonly string[],
  topology: Topology,
): readonly Called[] {
  const found = new Map<string, AddressAt>();
  if (scenario.env === undefined)
    for (const flow of flows) {
      const at = atOfFlow(scenario, flow, topology);
      if (at !== undefined) found.set(scenario.services[flow] ?? '', at);
    }
  else
    for (const text of Object.values(scenario.env))
      fillTemplate(text, (word) => {
        const at = atOfWord(topology, word);
        if (at !== undefined) found.set(WORD.exec(word)?.[1] ?? '', at);
        return '';
      });
  return [...found].map(([service, at]) => ({ service, at }));
}

function byService(scenario: ScenarioEntry, flows: readonly string[], topology: Topology): ScriptEnvironment {
  const needed = flows.flatMap((flow) => {
    const service = scenario.services[flow];
    return service === undefined ? [] : [[service, addressOfFlow(scenario, flow, topology)] as const];
  });
  const missing = needed.flatMap(([service, address]) => (address === undefined ? [service] : []));
  const env = needed.map(([service, address]) => [addressVariable(service), address ?? '']);
  return { env: Object.fromEntries(env) as Record<string, string>, missing: [...new Set(missing)] };
}

function asWritten(env: Readonly<Record<string, string>>, topology: Topology): ScriptEnvironment {
  const missing = new Set<string>();
  const words = (name: string): string => {
    const value = addressWord(topology, name);
    if (value === undefined) missing.add(name);
    return value ?? '';
  };
  const filled = Object.entries(env).map(([name, text]) => [name, fillTemplate(text, words)]);
  return { env: Object.fromEntries(filled) as Record<string, string>, missing: [...missing] };
}

const WORD = /^(.+)\.(address|host|port)$/;

const atOfWord = (topology: Topology, word: string): AddressAt | undefined =>
  topology.services.find((one) => one.name === WORD.exec(word)?.[1])?.endpoints[0]?.at[0];

/** `web.address`, `web.host`, `web.port`: of the main endpoint. */
function addressWord(topology: Topology, word: string): string | undefined {
  const part = WORD.exec(word)?.[2];
  const at = atOfWord(topology, word);
  const address = at && dialledByK6(at);
  if (address === undefined || part === 'address') return address;
  const { host, port } = addressOf(address, 80);
  return part === 'host' ? host : String(port);
}
