/**
 * Which processes the sandbox runs for a system: one service may be carried by the process of another, and
 * one without `sandbox` is left out.
 */
import type { Problem } from '../errors.ts';
import type { Service, System } from '../system.ts';
import type { SandboxPart } from '../tools.ts';
import { wordProblems } from './words.ts';

/** What the links of load and of the probes begin with. */
export const CLIENT = 'client';
export const PROBE = 'probe';

/** Seats that fit into the last number of an address. */
export const MOST_SEATS = 250;
const BROKER_COUNTS = [1, 3];

/** The service whose process serves it: itself, or its carrier. Undefined: nothing is started for it. */
export function processOf({ services }: Pick<System, 'services'>, name: string): Service | undefined {
  const service = services.find((one) => one.name === name);
  if (service?.sandbox?.kind !== 'with') return service?.sandbox ? service : undefined;
  const carrier = services.find((one) => one.name === carrierOf(service));
  return carrier?.sandbox?.kind === 'run' ? carrier : undefined;
}

const carrierOf = ({ sandbox }: Service): string | undefined =>
  sandbox?.kind === 'with' ? sandbox.service : undefined;

/** Those with processes of their own, in the order of the file. */
export const withProcesses = ({ services }: Pick<System, 'services'>): readonly Service[] =>
  services.filter(({ sandbox }) => sandbox !== null && sandbox.kind !== 'with');

/** Those that are reached, carried ones included. */
export const reachable = (system: System): readonly Service[] =>
  system.services.filter(({ name }) => processOf(system, name) !== undefined);

/** The services that a process dials: its own links and those of the services that it carries, each once. */
export function dialledBy(system: System, service: string): readonly Service[] {
  const found = system.links
    .filter(({ from, to }) => to !== service && processOf(system, from)?.name === service)
    .map(({ to }) => to);
  return system.services.filter(
    ({ name }) => found.includes(name) && processOf(system, name)?.name !== service,
  );
}

export const isCluster = ({ sandbox }: Service): boolean =>
  sandbox?.kind === 'use' && sandbox.server === 'kafka';

/** How many instances a sandbox starts: an autoscaler begins at its lower bound. */
export const seatsOf = ({ replicas }: Service): number => Math.max(1, replicas.min);

/** The external servers of a system, each once. */
export const serversOf = (system: System): readonly ('kafka' | 'redis' | 'postgres')[] => [
  ...new Set(
    withProcesses(system).flatMap(({ sandbox }) => (sandbox?.kind === 'use' ? [sandbox.server] : [])),
  ),
];

/** The external programs that its sandbox needs. Kafka is a Java program. */
export const partsOf = (system: System): readonly SandboxPart[] =>
  serversOf(system).flatMap((server): readonly SandboxPart[] =>
    server === 'kafka' ? ['java', 'kafka'] : [server],
  );

/** All reasons why a system cannot be run in a sandbox. */
export function sandboxProblems(system: System): readonly Problem[] {
  const at = (name: string): string => `${system.file}: services.${name}`;
  const started = withProcesses(system);
  const problems = system.services.flatMap((one) => serviceProblems(one, system, at(one.name)));
  if (started.length === 0)
    problems.push({
      subject: system.file,
      expected: 'a service with sandbox: { run: [program] } or { use: kafka }',
      got: 'none',
      next: 'Declare what the sandbox starts for each service.',
    });
  const seats = system.services.reduce(
    (sum, one) => sum + (one.sandbox === null ? 0 : Math.max(1, one.replicas.max)),
    0,
  );
  if (seats > MOST_SEATS)
    problems.push({ subject: system.file, expected: `at most ${MOST_SEATS} instances`, got: `${seats}` });
  return problems;
}

function serviceProblems(service: Service, system: System, subject: string): Problem[] {
  const { name, sandbox } = service;
  if (sandbox === null) return [];
  const problems: Problem[] = [];
  if (name === CLIENT || name === PROBE)
    problems.push({
      subject,
      expected: `another name: ${name} is the end of the harness's own links`,
      got: name,
    });
  if (sandbox.kind === 'with') return [...problems, ...carriedProblems(service, system, subject)];
  for (const to of system.links
    .filter(({ from }) => processOf(system, from) === service)
    .map((one) => one.to)) {
    if (processOf(system, to) !== undefined) continue;
    const next = `Declare sandbox: { run: [program] } or { use: redis } for ${to}.`;
    problems.push({ subject, expected: `a sandbox of ${to}, which it dials`, got: 'none', next });
  }
  return [
    ...problems,
    ...(sandbox.kind === 'use' ? serverProblems(service, sandbox.server, subject) : []),
    ...(sandbox.kind === 'run' ? programProblems(service, system, subject) : []),
  ];
}

function carriedProblems(service: Service, system: System, subject: string): readonly Problem[] {
  const carrier = processOf(system, service.name);
  if (carrier === undefined) {
    const runs = system.services.filter((one) => one.sandbox?.kind === 'run').map((one) => one.name);
    const got = String(carrierOf(service));
    return [
      { subject: `${subject}.sandbox.with`, expected: `a service with run: one of ${runs.join(', ')}`, got },
    ];
  }
  const spoken = carrier.endpoints.map((one) => one.protocol);
  return service.endpoints
    .filter(({ protocol }) => !spoken.includes(protocol))
    .map(({ protocol }) => ({
      subject,
      expected: `an endpoint that ${carrier.name}, which carries it, also has`,
      got: protocol,
    }));
}

function serverProblems(service: Service, server: string, subject: string): readonly Problem[] {
  const { endpoints, replicas } = service;
  const problems: Problem[] = [];
  if (endpoints[0]?.protocol !== server || endpoints.length > 1)
    problems.push({
      subject,
      expected: `${server} as its only endpoint with use: ${server}`,
      got: endpoints.map((one) => one.protocol).join(', ') || 'none',
    });
  const counts = server === 'kafka' ? BROKER_COUNTS : [1];
  if (replicas.min !== replicas.max || !counts.includes(replicas.min))
    problems.push({
      subject: `${subject}.replicas`,
      expected: `${counts.join(' or ')} with use: ${server}`,
      got: replicas.min === replicas.max ? `${replicas.min}` : `${replicas.min} to ${replicas.max}`,
    });
  return problems;
}

function programProblems(service: Service, system: System, subject: string): readonly Problem[] {
  const cluster = service.endpoints.some((one) => one.protocol === 'kafka');
  return [
    ...(cluster ? [{ subject, expected: 'use: kafka with an endpoint kafka', got: 'run' }] : []),
    ...wordProblems(service, [service, ...dialledBy(system, service.name)], `${subject}.sandbox.env`),
  ];
}
