/**
 * Whether this machine can carry the load of a plan in the worst case, when every request of a stall waits
 * for its answer. A shortage in the middle of a run would look like trouble of the target, so it is refused
 * before.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import type { ScenarioLoad } from '../../core/load-plan.ts';
import { availableKb, type FileLimit, localPorts, openFileLimit } from '../../system/limits.ts';

/** Files of the harness: logs, journal, probes on two connections each, pipes to k6, the lease keeper. */
const HARNESS_FILES = 256;
/**
 * Open files of a k6 process that are not connections: 12 were observed (3 standard streams, epoll and its
 * event, scripts while it starts).
 */
const K6_FILES = 64;
const CALM = 'or lower its rate or timeout (VUs = rate × timeout × 1.1)';

export interface Limits {
  readonly files: FileLimit;
  readonly ports: number;
  readonly memoryKb: number;
}

export const limitsOfMachine = (): Limits => ({
  files: openFileLimit(),
  ports: localPorts(),
  memoryKb: availableKb(),
});

/** @throws GauntletError 'unavailable' when the harness itself would run out of files. */
export function requireOwnFiles(files: FileLimit = openFileLimit()): void {
  if (files.soft >= HARNESS_FILES) return;
  throw new GauntletError('unavailable', [
    {
      subject: 'open files of this process',
      expected: `a limit of at least ${HARNESS_FILES}`,
      got: String(files.soft),
      next: 'Raise it first: ulimit -n 65536.',
    },
  ]);
}

/** @throws GauntletError 'unavailable' with every resource that the load could exhaust. */
export function requireCapacity(load: readonly ScenarioLoad[], limits: Limits = limitsOfMachine()): void {
  const problems = [...load.flatMap((one) => filesAndPorts(one, limits)), ...memory(load, limits)];
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

const vusOf = ({ flows }: ScenarioLoad): number => flows.reduce((sum, flow) => sum + flow.vus, 0);

function filesAndPorts(load: ScenarioLoad, { files, ports }: Limits): readonly Problem[] {
  const { scenario, generators = 1, flows } = load;
  const needed = Math.ceil(vusOf(load) / generators) + K6_FILES;
  const most = Math.max(...flows.map((flow) => flow.vus));
  return [
    ...(needed <= files.hard
      ? []
      : [
          {
            subject: `open files of k6 for ${scenario}`,
            expected: `a limit of at least ${needed}, one for each VU and ${K6_FILES} of its own`,
            got: String(files.hard),
            next: `Raise it first (ulimit -n ${2 ** Math.ceil(Math.log2(needed))}), ${CALM}.`,
          },
        ]),
    ...(most <= ports
      ? []
      : [
          {
            subject: `local ports for ${scenario}`,
            expected: `at least ${most}, one for each VU of a flow`,
            got: `${ports} (net.ipv4.ip_local_port_range)`,
            next: `Widen the range, ${CALM}.`,
          },
        ]),
  ];
}

function memory(load: readonly ScenarioLoad[], { memoryKb }: Limits): readonly Problem[] {
  const neededKb = load.reduce((sum, one) => sum + (one.vuKb ?? 0) * vusOf(one), 0);
  if (neededKb <= memoryKb) return [];
  const mib = (kb: number): string => `${Math.round(kb / 1024).toLocaleString('en')} MiB`;
  const vus = load.reduce((sum, one) => sum + vusOf(one), 0);
  return [
    {
      subject: 'memory for the load',
      expected: `at least ${mib(neededKb)} for ${vus.toLocaleString('en')} VUs`,
      got: `${mib(memoryKb)} available`,
      next: 'Lower the rate or the timeout (VUs = rate × timeout × 1.1), or run it on a larger machine.',
    },
  ];
}
