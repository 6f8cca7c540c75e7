/** What stands against a fault on containers: an owner who has not agreed, and a process out of reach. */
import type { ActName } from '../../core/acts/act-names.ts';
import { CONTAINER_OPT_IN, type DockerHandle } from '../../core/acts/docker-handle.ts';
import type { PlatformGuard } from '../../core/acts/platform.ts';
import type { Problem } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { type ContainerVictim, describeVictim, isContainer } from '../../core/topology.ts';
import { inspect, isThisRun } from './containers.ts';
import { hostProcessOf } from './host-process.ts';
import type { OneEngine } from './one-engine.ts';

/** Those that end the main process of a container from outside of it. */
const ENDING: readonly ActName[] = ['instances.signal', 'memory.begin'];

export function dockerGuard({ services }: Pick<DockerHandle, 'services'>, one: OneEngine): PlatformGuard {
  return {
    async refusals(victims, acts) {
      const isEnded = ENDING.some((act) => acts.includes(act));
      const found = victims.filter(isContainer).map((victim) => problemsOf(victim, isEnded, one));
      const replaced = victims.filter(isContainer).filter((victim) => isReplaced(victim, services));
      return [...replaced.map(madeAnew), ...(await Promise.all(found)).flat()];
    },
  };
}

/** It has the name and the number of the container that was proven to be the broker, and is another one. */
function isReplaced(victim: ContainerVictim, services: DockerHandle['services']): boolean {
  const proven = own(services, victim.service)?.proven;
  return proven !== undefined && proven !== victim.container;
}

const madeAnew = (victim: ContainerVictim): Problem => ({
  subject: describeVictim(victim),
  expected: `the container in which Kafka showed ${victim.service} to be`,
  got: 'one that was made since',
  next: 'Start the run again: it asks Kafka anew.',
});

async function problemsOf(
  victim: ContainerVictim,
  isEnded: boolean,
  one: OneEngine,
): Promise<readonly Problem[]> {
  const subject = describeVictim(victim);
  const container = await inspect(await one.engine(), victim.container);
  // It ended since it was chosen: the act then finds nobody.
  if (container === null) return [];
  const problems: Problem[] = [];
  const label = container.labels[CONTAINER_OPT_IN];
  if (label !== 'true') {
    const next = `Its owner allows faults in the Compose file: labels: { ${CONTAINER_OPT_IN}: "true" }.`;
    const got = label === undefined ? 'none' : JSON.stringify(label);
    problems.push({ subject, expected: `label ${CONTAINER_OPT_IN}=true on the container`, got, next });
  }
  if (!isEnded || !isThisRun(container, victim)) return problems;
  const found = hostProcessOf(victim, container);
  if (found.kind === 'elsewhere') {
    const { got, next } = found;
    problems.push({ subject, expected: 'a process of this machine that can be signalled', got, next });
  }
  return problems;
}
