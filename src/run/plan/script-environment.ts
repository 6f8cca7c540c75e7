/** What a script is told about a target: the addresses of the services that it calls. */
import { addressOf } from '../../core/address.ts';
import { addressVariable, type ScenarioEntry } from '../../core/scenario.ts';
import { fillTemplate } from '../../core/template.ts';
import type { Topology } from '../../core/topology.ts';

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
const addressOfFlow = (scenario: ScenarioEntry, flow: string, topology: Topology): string | undefined =>
  topology.services
    .find((one) => one.name === scenario.services[flow])
    ?.endpoints.find((one) => one.protocol === (scenario.http ? 'http' : 'grpc'))?.at[0]?.address;

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

/** `web.address`, `web.host`, `web.port`: of the main endpoint. */
function addressWord(topology: Topology, word: string): string | undefined {
  const [, name, part] = /^(.+)\.(address|host|port)$/.exec(word) ?? [];
  const address = topology.services.find((one) => one.name === name)?.endpoints[0]?.at[0]?.address;
  if (address === undefined || part === 'address') return address;
  const { host, port } = addressOf(address, 80);
  return part === 'host' ? host : String(port);
}
