/** Platform `docker`: which containers of which engine are a service, and what starts them again. */
import type { DockerService } from '../core/acts/docker-handle.ts';
import { linksAmong } from '../core/declared-links.ts';
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

/** As `npm run cluster` and deploy/Dockerfile.netagent call it. */
export const DEFAULT_AGENT = 'localhost/netagent:1';

/** Those that it declares; none: any pair is a link. */
export function linksOfSystem(system: System): { readonly links?: readonly string[] } {
  const names = system.services.map((one) => one.name);
  const links = linksAmong(names, system);
  return links === null ? {} : { links };
}
