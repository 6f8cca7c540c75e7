/**
 * What a target says about services of its system beside their addresses: `services.<name or pattern>`
 * overrides the system, maps key by key, all else whole. A name may end in `*`; the longer name wins.
 */
import type { z } from 'zod';
import type { Find, Service, System } from '../core/system.ts';
import { fill } from './each.ts';
import { find, overriding, type WrittenFind } from './find.ts';
import { block, isMap } from './forms.ts';
import { matching } from './name-pattern.ts';
import { replicas, replicasOf } from './replicas.ts';
import { tls } from './target-tls.ts';
import { text } from './words/name.ts';

/** The service `*` of a system: every other workload. */
const OTHERS = '*';

export const overrideParts = {
  find: find.optional(),
  tls: tls.optional(),
  replicas: replicas.optional().describe('how many instances it has here, or the bounds of its autoscaler'),
  restart: text('supervisor, or a command')
    .optional()
    .describe(
      'with platform processes or docker: supervisor, or the command that starts it again; for containers without a restart policy',
    ),
};

const override = block(overrideParts);
type Override = z.output<typeof override>;

/** The names that an override may have. */
export const overridable = ({ services, others }: System): readonly string[] => [
  ...services.map((one) => one.name),
  ...(others === null ? [] : [OTHERS]),
];

/** Keys under `services` that end in `*` and fit a service, each with what it may say. */
export const patternParts = (data: unknown, system: System) =>
  Object.fromEntries(
    patternsIn(data)
      .filter((key) => matching(key, overridable(system)).length > 0)
      .map((key) => [key, override.optional()]),
  );

function patternsIn(data: unknown): readonly string[] {
  const written = isMap(data) ? data['services'] : undefined;
  return isMap(written) ? Object.keys(written).filter((key) => key.endsWith('*')) : [];
}

/** @param written the block `services` of a target. */
export function overridden(system: System, written: unknown): System {
  const given = Object.entries(isMap(written) ? written : {})
    .filter((entry): entry is [string, Override] => isMap(entry[1]))
    .sort(([a], [b]) => Number(b.endsWith('*')) - Number(a.endsWith('*')) || a.length - b.length);
  const { others } = system;
  const ofOthers = given.filter(([key]) => matching(key, [OTHERS]).length > 0);
  return {
    ...system,
    services: system.services.map((one) => overriddenService(one, given)),
    others:
      others &&
      ofOthers.reduce((sum, [, own]) => overriding(sum, fill(own.find ?? {}, {}) as WrittenFind), others),
  };
}

function overriddenService(service: Service, given: readonly (readonly [string, Override])[]): Service {
  const { name } = service;
  const own = given.filter(([key]) => matching(key, [name]).length > 0).map(([, one]) => one);
  const words = { ...service.words, service: name };
  const finds = own.flatMap((one) => (one.find === undefined ? [] : [fill(one.find, words) as WrittenFind]));
  const counts = own.flatMap((one) => (one.replicas === undefined ? [] : [replicasOf(one.replicas)]));
  return {
    ...service,
    find: finds.reduce<Find>(overriding, service.find),
    replicas: counts.at(-1) ?? service.replicas,
  };
}
