/** How instances of a service are found, by platform. */
import type { z } from 'zod';
import type { Find } from '../../core/system.ts';
import { block, listOf, wholeNumber } from '../forms.ts';
import { namespace, selector } from '../words/name.ts';
import { text, textOf } from './text.ts';

export const find = block({
  kubernetes: block({
    namespace: namespace.optional(),
    selector: selector
      .optional()
      .describe('its pods; default: app.kubernetes.io/name and the name of the service'),
    workloads: listOf(textOf(/^[A-Z]\w*$/, 'a kind such as Deployment'), 'a list of kinds', 1).optional(),
  }).optional(),
  processes: block({
    command: text('a part of its command line').optional(),
    port: wholeNumber(1, 65_535, 'a port from 1 to 65535').optional(),
    pidFile: text('the path of a file with its pid').optional(),
  }).optional(),
  compose: text('the name of a service of a Compose file').optional(),
}).describe('how its instances are found');

export type WrittenFind = z.output<typeof find>;
const DEFAULT_SELECTOR = 'app.kubernetes.io/name={service}';

/** Key by key, the service's own first; `{service}` is its name. */
export function findOf(own: WrittenFind | undefined, common: WrittenFind | undefined, service: string): Find {
  const kubernetes = {
    selector: DEFAULT_SELECTOR,
    ...defined(common?.kubernetes),
    ...defined(own?.kubernetes),
  };
  const processes = { ...defined(common?.processes), ...defined(own?.processes) };
  const named = (text: string): string => text.replaceAll('{service}', service);
  return {
    kubernetes: { ...kubernetes, selector: named(kubernetes.selector) },
    ...(Object.keys(processes).length > 0 && { processes }),
    compose: named(own?.compose ?? common?.compose ?? '{service}'),
  } as Find;
}

const defined = (part: object | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined));
