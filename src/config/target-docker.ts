/** Platform `docker`: which containers of which engine are a service, and what starts them again. */
import type { DockerService } from '../core/acts/docker-handle.ts';
import type { System } from '../core/system.ts';
import { restartOf, type WrittenRestarts } from './target-processes.ts';

/** Each service of the system by the labels of Compose; one that is not in the project has no container. */
export function containersOf(
  { services }: System,
  written: WrittenRestarts,
  project: string | undefined,
): Readonly<Record<string, DockerService>> {
  const found = services.map(({ name, find }): [string, DockerService] => {
    const own = find.docker?.project ?? project;
    const service = find.docker?.service ?? find.compose ?? name;
    const restart = restartOf(name, written);
    return [name, { ...(own !== undefined && { project: own }), service, restart }];
  });
  return Object.fromEntries(found);
}
