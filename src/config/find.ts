/** How instances of a service are found, by platform. */
import type { z } from 'zod';
import { type Find, WORKLOAD_KINDS } from '../core/system.ts';
import { type Filled, fill } from './each.ts';
import { block, listOf, oneOf, wholeNumber } from './forms.ts';
import { controllerKind, namespace, selector, text } from './words/name.ts';

const kind = oneOf(WORKLOAD_KINDS);

export const find = block({
  kubernetes: block({
    namespace: namespace.optional(),
    selector: selector
      .optional()
      .describe('its pods; default: app.kubernetes.io/name and the name of the service'),
    workloads: listOf(kind, 'a list of kinds', 1)
      .optional()
      .describe('of the service *: the kinds whose workloads are services of their own'),
    replacedBy: controllerKind.optional(),
  }).optional(),
  processes: block({
    command: text('consecutive arguments of its command line')
      .optional()
      .describe('consecutive arguments of its command line; {broker} is the id of a broker'),
    port: wholeNumber(1, 65_535, 'a port from 1 to 65535').optional(),
    pidFile: text('the path of a file with its pid')
      .optional()
      .describe('the path of a file with its pid; {broker} is the id of a broker'),
  }).optional(),
  compose: text('the name of a service of a Compose file')
    .optional()
    .describe('its containers on platform docker; default: the name of the service'),
  docker: block({
    project: text('the name of a Compose project').optional().describe('default: as docker.project says'),
    service: text('the name of a service of a Compose file').optional().describe('default: compose'),
    services: listOf(text('the name of a service of a Compose file'), 'a list such as [kafka-1, kafka-2]', 1)
      .optional()
      .describe('of a Kafka whose brokers are several of them; default: found by what they advertise'),
  })
    .optional()
    .describe('with platform docker: its containers, by the labels of Compose'),
}).describe('how its instances are found');

export type WrittenFind = z.output<typeof find>;

const DEFAULTS: Find = {
  kubernetes: { selector: 'app.kubernetes.io/name={service}' },
  compose: '{service}',
};

/**
 * @param common the default of each service.
 * @param words those of its `each`, beside `{service}`, which is its name.
 */
export const findOf = (
  service: string,
  words: Filled,
  common: WrittenFind | undefined,
  own: WrittenFind | undefined,
): Find => fill(overriding(overriding(DEFAULTS, common ?? {}), own ?? {}), { ...words, service }) as Find;

/** The one merge rule: maps key by key, all else whole. A key without a value overrides nothing. */
export function overriding(base: Find | WrittenFind, own: WrittenFind): Find {
  const parts = [...Object.entries(base), ...Object.entries(own)].filter(([, part]) => part !== undefined);
  const merged: Record<string, unknown> = {};
  for (const [key, part] of parts) {
    const before = merged[key];
    merged[key] =
      typeof part === 'object' ? { ...(before as object | undefined), ...withValues(part) } : part;
  }
  return merged as Find;
}

const withValues = (part: object): object =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
