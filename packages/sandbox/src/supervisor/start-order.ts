/**
 * The order in which services start: one after all that it dials; those that dial each other in a circle
 * together.
 */
import { dialledBy, processOf, withProcesses } from '../../../../src/core/sandbox/processes.ts';
import type { Service, System } from '../../../../src/core/system.ts';

export interface StartGroup {
  readonly services: readonly Service[];
  /** Names of services of earlier groups that must be ready before. */
  readonly after: readonly string[];
}

/** A group comes after all that it waits for. */
export function startGroups(system: System): readonly StartGroup[] {
  const services = withProcesses(system);
  const dials = new Map(services.map(({ name }) => [name, dialledProcesses(system, name)]));
  const reached = new Map(services.map(({ name }) => [name, reachedFrom(name, dials)]));
  const isMutual = (a: string, b: string): boolean =>
    a === b || (reached.get(a)?.has(b) === true && reached.get(b)?.has(a) === true);
  const groups: StartGroup[] = [];
  const done = new Set<string>();
  while (done.size < services.length) {
    // There is always one: groups do not wait for each other in a circle.
    const next = services.find(
      ({ name }) =>
        !done.has(name) &&
        [...(reached.get(name) ?? [])].every((one) => done.has(one) || isMutual(name, one)),
    );
    if (next === undefined) throw new Error('the start order has a circle');
    const together = services.filter(({ name }) => isMutual(next.name, name));
    const names = together.map(({ name }) => name);
    const after = names.flatMap((name) => [...(dials.get(name) ?? [])]).filter((one) => !names.includes(one));
    groups.push({ services: together, after: [...new Set(after)] });
    for (const name of names) done.add(name);
  }
  return groups;
}

const dialledProcesses = (system: System, name: string): ReadonlySet<string> =>
  new Set(dialledBy(system, name).flatMap((to) => processOf(system, to.name)?.name ?? []));

function reachedFrom(name: string, dials: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [...(dials.get(name) ?? [])];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    next.push(...(dials.get(one) ?? []));
  }
  return seen;
}
