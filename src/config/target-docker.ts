/** Platform `docker`: which containers of which engine are a service, and what starts them again. */
import type { DockerService, KafkaContainers } from '../core/acts/docker-handle.ts';
import type { System } from '../core/system.ts';
import { isMap } from './forms.ts';
import type { Problems } from './problems.ts';
import { isKafka } from './target-brokers.ts';
import { restartOf, type WrittenRestarts } from './target-processes.ts';

/** Each service of the system by the labels of Compose; one that is not in the project has no container. */
export function containersOf(
  { services }: System,
  written: WrittenRestarts,
  project: string | undefined,
): Readonly<Record<string, DockerService>> {
  const found = services.map(({ name, find }): [string, DockerService] => {
    const own = find.docker?.project ?? project;
    const service = find.docker?.service ?? find.docker?.services?.[0] ?? find.compose ?? name;
    const restart = restartOf(name, written);
    return [name, { ...(own !== undefined && { project: own }), service, restart }];
  });
  return Object.fromEntries(found);
}

/** Where the brokers of each Kafka may be. */
export function brokersIn(
  { services }: System,
  written: WrittenRestarts,
  project: string | undefined,
): Readonly<Record<string, KafkaContainers>> {
  const found = services.filter(isKafka).map(({ name, find }): [string, KafkaContainers] => {
    const { project: own = project, service, services: several } = find.docker ?? {};
    const named = several ?? (service === undefined ? undefined : [service]);
    return [
      name,
      {
        ...(own !== undefined && { project: own }),
        ...(named !== undefined && { services: named }),
        restart: restartOf(name, written),
      },
    ];
  });
  return Object.fromEntries(found);
}

/** Several Compose services are the brokers of a Kafka, and of nothing else. */
export function checkContainers({ services }: System, problems: Problems): void {
  for (const service of services) {
    const path = ['services', service.name, 'find', 'docker'];
    const written = problems.file.valueAt(path);
    if (!isMap(written) || written['services'] === undefined) continue;
    if (!isKafka(service))
      problems.add([...path, 'services'], 'service, of which there is one', {
        got: 'services',
        next: 'Only the brokers of a Kafka are several services.',
      });
    else if (written['service'] !== undefined)
      problems.add([...path, 'services'], 'either service or services', { got: 'both' });
  }
}

/** As `npm run cluster` and deploy/Dockerfile.netagent call it. */
export const DEFAULT_AGENT = 'localhost/netagent:1';
