/**
 * The address of each instance of a system in the sandbox, and the link of each dependency: pure data
 * computed from the system, a subnet and its ports. 127.n.0.x are the real servers (only proxies dial them);
 * every other third octet is one client's view of the others.
 */
import { GauntletError } from '../errors.ts';
import type { Protocol, Service, System } from '../system.ts';
import {
  brokerPort,
  controllerPort,
  dialersOf,
  linkPort,
  listenerPort,
  type Ports,
  portOf,
  seatPort,
  usualPorts,
} from './ports.ts';
import {
  CLIENT,
  dialledBy,
  isCluster,
  PROBE,
  processOf,
  reachable,
  sandboxProblems,
  seatsOf,
  withProcesses,
} from './processes.ts';

export interface Socket {
  readonly host: string;
  readonly port: number;
}

export interface PlacedInstance {
  /** Of a broker its own name: each is a service of its own. */
  readonly service: string;
  readonly instance: string;
  readonly host: string;
  /** The ports that it must listen on. */
  readonly ports: Readonly<Record<string, number>>;
  /** Of a broker. */
  readonly broker?: { readonly cluster: string; readonly id: number };
}

export interface LinkPlan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  readonly listen: Socket;
  readonly upstreams: readonly (Socket & { readonly instance: string })[];
  /** True: the link represents a Service, which routes no connection to an instance that is not ready. */
  readonly gated: boolean;
}

export interface Layout {
  readonly system: System;
  readonly subnet: number;
  readonly ports: Ports;
  readonly instances: readonly PlacedInstance[];
  /** Seats that are free at first: a service with bounds may be scaled up to them. */
  readonly spare: readonly PlacedInstance[];
  readonly links: readonly LinkPlan[];
}

/** Load does not dial these. */
const STORES: readonly Protocol[] = ['kafka', 'redis', 'postgres'];

/**
 * @param subnet n in 127.n.0.0/16.
 * @throws usage with every reason why the system cannot be run in a sandbox.
 */
export function planLayout(system: System, subnet: number, given?: Ports): Layout {
  const problems = sandboxProblems(system);
  if (problems.length > 0) throw new GauntletError('usage', problems);
  const ports = given ?? usualPorts(system);
  const plan = new Plan(system, subnet, ports);
  return {
    ...{ system, subnet, ports },
    instances: plan.seats.filter((one) => !one.isSpare).map((one) => one.placed),
    spare: plan.seats.filter((one) => one.isSpare).map((one) => one.placed),
    links: plan.links(),
  };
}

interface Seat {
  /** Whose process it is. */
  readonly of: Service;
  readonly placed: PlacedInstance;
  readonly isSpare: boolean;
}

class Plan {
  readonly seats: readonly Seat[];
  readonly #system: System;
  readonly #subnet: number;
  readonly #ports: Ports;
  /** Last number of the address at which a service, or a broker, is dialled. */
  readonly #fourth = new Map<string, number>();
  /** Third number of the addresses that a client dials. */
  readonly #view: ReadonlyMap<string, number>;

  constructor(system: System, subnet: number, ports: Ports) {
    this.#system = system;
    this.#subnet = subnet;
    this.#ports = ports;
    this.seats = this.#place();
    const brokers = this.seats.filter(({ placed }) => placed.broker).map(({ placed }) => placed.instance);
    const dialers = withProcesses(system).filter(({ name }) => dialledBy(system, name).length > 0);
    const names = [...brokers, ...dialers.map((one) => one.name), PROBE, CLIENT];
    this.#view = new Map(names.map((name, index) => [name, index + 1]));
  }

  links(): readonly LinkPlan[] {
    const all = reachable(this.#system);
    return [
      ...all.flatMap((to) => this.#linksTo(CLIENT, to, STORES)),
      ...all.flatMap((to) => this.#linksTo(PROBE, to)),
      ...withProcesses(this.#system).flatMap(({ name }) =>
        dialledBy(this.#system, name).flatMap((to) => this.#linksTo(name, to)),
      ),
      ...all.filter(isCluster).flatMap((cluster) => this.#amongBrokers(cluster)),
    ];
  }

  #at(third: number, fourth: number): string {
    return `127.${this.#subnet}.${third}.${fourth}`;
  }

  #place(): readonly Seat[] {
    const seats: Seat[] = [];
    let next = 1;
    for (const service of reachable(this.#system)) {
      const { name, sandbox, replicas } = service;
      this.#fourth.set(name, next);
      if (sandbox?.kind === 'with') {
        next += 1;
        continue;
      }
      const first = seatsOf(service);
      for (let index = 0; index < Math.max(first, replicas.max); index += 1) {
        const instance = `${name}-${index + 1}`;
        if (isCluster(service)) this.#fourth.set(instance, next);
        seats.push({
          of: service,
          isSpare: index >= first,
          placed: {
            service: isCluster(service) ? instance : name,
            instance,
            host: this.#at(0, next),
            ports: this.#portsOf(service),
            ...(isCluster(service) && { broker: { cluster: name, id: index + 1 } }),
          },
        });
        next += 1;
      }
    }
    return seats;
  }

  #portsOf(service: Service): PlacedInstance['ports'] {
    if (isCluster(service)) return { kafka: portOf(this.#ports, brokerPort(service.name)) };
    const ports = service.endpoints.map(
      ({ protocol }) => [protocol, seatPort(this.#system, service, protocol, this.#ports)] as const,
    );
    return Object.fromEntries(ports);
  }

  #listen(from: string, to: string, port: number): Socket {
    return { host: this.#at(this.#view.get(from) ?? 0, this.#fourth.get(to) ?? 0), port };
  }

  #linksTo(from: string, to: Service, without: readonly Protocol[] = []): readonly LinkPlan[] {
    if (isCluster(to)) return without.includes('kafka') ? [] : this.#linksToBrokers(from, to);
    const server = processOf(this.#system, to.name);
    const seats = this.seats.filter((one) => one.of === server);
    return to.endpoints.flatMap(({ protocol }, index): LinkPlan[] => {
      if (without.includes(protocol)) return [];
      const port = seatPort(this.#system, to, protocol, this.#ports);
      return [
        {
          name: `${from}->${to.name}${index === 0 ? '' : `:${protocol}`}`,
          ...{ from, to: to.name, protocol },
          listen: this.#listen(from, to.name, portOf(this.#ports, linkPort(to.name, protocol))),
          upstreams: seats.map(({ placed: { instance, host } }) => ({ instance, host, port })),
          gated: server?.sandbox?.kind === 'run',
        },
      ];
    });
  }

  #linksToBrokers(from: string, cluster: Service): readonly LinkPlan[] {
    if (!dialersOf(this.#system, cluster).includes(from)) return [];
    const port = portOf(this.#ports, listenerPort(cluster.name, from));
    return this.#brokersOf(cluster).map((to) => this.#brokerLink(`${from}->${to.instance}`, from, to, port));
  }

  #brokersOf(cluster: Service): readonly PlacedInstance[] {
    return this.seats.filter((one) => one.of === cluster).map((one) => one.placed);
  }

  #brokerLink(name: string, from: string, { instance, host }: PlacedInstance, port: number): LinkPlan {
    return {
      ...{ name, from, to: instance, protocol: 'kafka' },
      listen: this.#listen(from, instance, port),
      upstreams: [{ instance, host, port }],
      gated: false,
    };
  }

  /** One link by name, its raft traffic (the CONTROLLER port) as a second entry. */
  #amongBrokers(cluster: Service): readonly LinkPlan[] {
    const brokers = this.#brokersOf(cluster);
    const [port, controller] = [brokerPort(cluster.name), controllerPort(cluster.name)].map((key) =>
      portOf(this.#ports, key),
    ) as [number, number];
    return brokers.flatMap(({ instance: from }) =>
      brokers
        .filter(({ instance }) => instance !== from)
        .flatMap((to) => [
          this.#brokerLink(`${from}->${to.instance}`, from, to, port),
          this.#brokerLink(`${from}->${to.instance}:controller`, from, to, controller),
        ]),
    );
  }
}
