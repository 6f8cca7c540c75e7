/**
 * Which containers are the brokers of a Kafka. A container serves an address when it has it in a network of the
 * engine, is found there under that name, or when its port is published on this machine.
 */
import type { DockerService, KafkaContainers } from '../../core/acts/docker-handle.ts';
import { addressOf } from '../../core/address.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Problem } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { listensOn } from '../../system/processes/process-finder.ts';
import { askBrokers, type BrokerAnswer } from '../brokers/broker-answers.ts';
import { type BrokerServices, brokerKey, restartOfBroker } from '../brokers/kafka-brokers.ts';
import { type Host, hostOf } from '../brokers/local-host.ts';
import { idsIn, type Place, provenBrokers } from '../brokers/proven-brokers.ts';
import { type Container, containersIn, placeOf } from './containers.ts';
import type { Engine } from './engine.ts';

const WORDS = {
  one: 'a container',
  noneFits:
    'A broker is found by what it advertises: the name or address of its container in a network of the engine, or a published port.',
};

/** Null: one broker, which needs no name of its own. @throws unavailable when the engine does not answer. */
export async function brokerContainers(
  engine: Engine,
  kafka: string,
  brokers: readonly KafkaEndpoint[],
  where: KafkaContainers,
): Promise<BrokerServices<DockerService> | null> {
  const { project, services } = where;
  const [answers, all] = await Promise.all([askBrokers(brokers), containersIn(engine, project)]);
  const isSeveral = idsIn(answers).length > 1 || brokers.length > 1 || (services?.length ?? 0) > 1;
  if (!isSeveral) return null;
  if (brokers.length === 0) return { services: {}, problems: [unaddressed(kafka)] };
  const own = all.filter((one) => services === undefined || services.includes(placeOf(one).service ?? ''));
  const running = own.filter((one) => one.isRunning);
  const hosts = await hostsIn(answers, running);
  const places = running.map((one) => new ContainerPlace(one, hosts));
  const missing = withoutContainers(kafka, where, all);
  const { found, problems } = provenBrokers(kafka, answers, places, WORDS);
  const projects = new Set([...found.values()].map(({ container }) => placeOf(container).project));
  if (projects.size > 1)
    return { services: {}, problems: [...missing, severalProjects(kafka, [...projects])] };
  const proven = [...found].map(([id, { container }]): [string, DockerService] => {
    const { service = '', ...place } = placeOf(container);
    const restart = restartOfBroker(where.restart, id);
    return [brokerKey(kafka, id), { service, ...place, proven: container.id, restart }];
  });
  return { services: Object.fromEntries(proven), problems: [...missing, ...problems] };
}

class ContainerPlace implements Place {
  readonly container: Container;
  readonly #hosts: ReadonlyMap<string, Host>;

  constructor(container: Container, hosts: ReadonlyMap<string, Host>) {
    this.container = container;
    this.#hosts = hosts;
  }

  get name(): string {
    return this.container.name;
  }

  serves(host: string, port: number): boolean {
    const { names, addresses, published, networkMode, pid } = this.container;
    if (names.includes(host)) return true;
    const at = this.#hosts.get(host);
    if (at === undefined) return false;
    if (at.addresses.some((one) => addresses.includes(one))) return true;
    if (!at.isHere) return false;
    const isAt = (address: string): boolean =>
      address === '' || at.addresses.length === 0 || at.addresses.includes(address);
    return (
      published.some((one) => one.port === port && isAt(one.address)) ||
      (networkMode === 'host' && listensOn(pid, port))
    );
  }
}

/** A name of a container is not asked for: nobody else knows it, and to find that out takes seconds. */
async function hostsIn(
  answers: readonly BrokerAnswer[],
  containers: readonly Container[],
): Promise<ReadonlyMap<string, Host>> {
  const known = new Set(containers.flatMap((one) => one.names));
  const names = answers.flatMap((one) => [
    addressOf(one.address).host,
    ...one.brokers.map((each) => each.host),
  ]);
  const asked = [...new Set(names)].filter((one) => !known.has(one));
  return new Map(await Promise.all(asked.map(async (name) => [name, await hostOf(name)] as const)));
}

/** A name in the target file that no container has. */
function withoutContainers(
  kafka: string,
  { services = [], project }: KafkaContainers,
  all: readonly Container[],
): readonly Problem[] {
  if (all.length === 0 && project !== undefined) {
    const subject = `services.${kafka}.find.docker`;
    return [{ subject, expected: `containers of Compose project ${project}`, got: 'none' }];
  }
  const known = [...new Set(all.flatMap((one) => placeOf(one).service ?? []))].sort();
  return services
    .filter((one) => !known.includes(one))
    .map((one) => ({
      subject: `services.${kafka}.find.docker`,
      expected: `Compose services with containers${project === undefined ? '' : ` in project ${project}`}: ${known.join(', ') || 'there is none'}`,
      got: JSON.stringify(one),
      ...didYouMean(one, known),
    }));
}

/** Kafka alone can show which container is which broker. */
const unaddressed = (kafka: string): Problem => ({
  subject: `brokers of ${kafka}`,
  expected: 'the addresses of its brokers',
  got: 'none',
  next: `Write them in the target file: services.${kafka}.address.`,
});

const severalProjects = (kafka: string, projects: readonly (string | undefined)[]): Problem => ({
  subject: `brokers of ${kafka}`,
  expected: 'containers of one Compose project',
  got: projects.map((one) => one ?? 'none').join(', '),
  next: `Name it in the target file: docker: { project: ${projects[0]} }.`,
});
