/** Platform `processes`: which processes of this machine are a service, and what starts them again. */
import { dirname, resolve } from 'node:path';
import type { ProcessService } from '../core/acts/processes-handle.ts';
import type { System } from '../core/system.ts';
import type { PlatformName } from '../core/topology.ts';
import { isMap } from './forms.ts';
import { matching } from './name-pattern.ts';
import type { Problems } from './problems.ts';
import { BROKER_COMMAND } from './target-brokers.ts';
import { numberedBrokers, type Written } from './target-services.ts';

const EXAMPLE =
  'services: { web: { find: { processes: { command: node server.mjs } }, restart: supervisor } }';

/** Services that are found as processes, and the other way round: keys that have an effect only there. */
export function checkProcesses(
  platform: PlatformName | undefined,
  system: System,
  written: readonly Written[],
  problems: Problems,
): void {
  const services = Object.entries(Object(problems.file.valueAt(['services'])) as object);
  const restarts = services.filter(([, one]) => isMap(one) && one['restart'] !== undefined);
  if (platform === 'docker') return;
  if (platform !== 'processes') {
    for (const [name] of restarts)
      problems.add(['services', name, 'restart'], 'platform processes or docker with it', {
        got: String(platform),
      });
    return;
  }
  const kafkas = written.filter((one) => one.protocol === 'kafka').map((one) => one.service);
  const found = Object.keys(processesOf(system, {}, '', kafkas));
  for (const { service, protocol, value } of written) {
    const path = ['services', service, 'find', 'processes', 'port'];
    if (protocol !== 'kafka' || numberedBrokers(value).length < 2) continue;
    if (problems.file.valueAt(path) !== undefined)
      problems.add(path, 'no port: each broker is found by the port of its own address', { got: 'port' });
  }
  if (found.length === 0)
    problems.add(['platform'], `at least one service that is found: ${EXAMPLE}`, { got: 'none' });
  for (const [name] of restarts) {
    if (matching(name, found).length > 0) continue;
    const next = 'Write find: { processes: { command: … } } beside it.';
    problems.add(['services', name, 'restart'], 'a service whose processes are found', { got: name, next });
  }
}

/**
 * A Kafka with an address is found by its ports, whatever else is written.
 * @param services the block of the target, for `restart`; a longer name wins over a pattern.
 * @param file of the target: a pid file is relative to it.
 * @param kafkas those with an address.
 */
export function processesOf(
  { services }: System,
  written: WrittenRestarts,
  file: string,
  kafkas: readonly string[],
): Readonly<Record<string, ProcessService>> {
  const found = services.flatMap(({ name, find }): [string, ProcessService][] => {
    const { command, port, pidFile } =
      find.processes ?? (kafkas.includes(name) ? { command: BROKER_COMMAND } : {});
    if (command === undefined && port === undefined && pidFile === undefined) return [];
    const service = {
      ...(command !== undefined && { command }),
      ...(port !== undefined && { port }),
      ...(pidFile !== undefined && { pidFile: resolve(dirname(file), pidFile) }),
      restart: restartOf(name, written),
    };
    return [[name, service]];
  });
  return Object.fromEntries(found);
}

export type WrittenRestarts = Readonly<Record<string, { readonly restart?: unknown } | undefined>>;

export function restartOf(service: string, written: WrittenRestarts): ProcessService['restart'] {
  const given = Object.entries(written)
    .filter(([key, one]) => one?.restart !== undefined && matching(key, [service]).length > 0)
    .sort(([a], [b]) => b.length - a.length)
    .map(([, one]) => String(one?.restart));
  const [restart] = given;
  if (restart === undefined) return null;
  return restart === 'supervisor' ? 'supervisor' : { command: restart };
}
