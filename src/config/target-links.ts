/**
 * `links` of a target file: where Gauntlet's own proxy carries a link between two services, in front of any
 * address.
 */
import type { z } from 'zod';
import { addressOf } from '../core/address.ts';
import type { CarriedLink } from '../core/carried-link.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import type { System } from '../core/system.ts';
import { block, listOf } from './forms.ts';
import type { Partly } from './partly.ts';
import type { Problems } from './problems.ts';
import { isNodes } from './target-redis.ts';
import { numberedBrokers, type Written } from './target-services.ts';
import { address } from './words/address.ts';
import { text } from './words/name.ts';

const EXAMPLE = '{ from: web, to: cache, listen: "127.0.0.1:16379", dial: "127.0.0.1:6379" }';

const link = block({
  from: text().describe('the service that dials; client for users and load'),
  to: text().describe('the service that is dialled; of Kafka one broker, such as kafka-1'),
  listen: address.describe('where the proxy listens: the service that dials is configured with this'),
  dial: address.describe('what the proxy dials: the server itself'),
});

export const linksBlock = listOf(link, `a list such as [${EXAMPLE}]`, 1)
  .optional()
  .describe('with platform none: links that gauntlet proxy carries, so that faults can act on them');

export type WrittenLinks = z.output<typeof linksBlock>;

/** MOVED, CLUSTER SLOTS and Sentinels name the nodes' own addresses. */
const CLIENTS_LEAVE = 'nodes send clients to their own addresses, past a proxy';

/** Users and load, which are no service of the system. */
const CLIENT = 'client';

/** Names that match nothing, an address or a link twice, and a proxy that would dial itself. */
export function checkLinks(
  links: Partly<{ readonly links: WrittenLinks }>['links'],
  system: System,
  written: readonly Written[],
  problems: Problems,
): void {
  const services = system.services.map((one) => one.name);
  const targets = namesOf(system, written);
  const seen = new Map<string, number>();
  for (const [index, one] of (links ?? []).entries()) {
    if (one === undefined) continue;
    const path = ['links', index];
    const { from, to, listen, dial } = one;
    known([...path, 'from'], from, [CLIENT, ...services], problems);
    known([...path, 'to'], to, targets, problems);
    if (written.some(({ service, value }) => service === to && isNodes(value)))
      problems.add([...path, 'to'], 'a server that its clients dial at one address', {
        got: `${to}, whose ${CLIENTS_LEAVE}`,
        next: 'Remove the link: redis-pause and redis-kill-connections act on its nodes, and platforms docker and kubernetes break links without a proxy.',
      });
    if (listen !== undefined && listen === dial)
      problems.add([...path, 'dial'], 'another address than listen', { got: show(dial) });
    for (const word of [listen, from !== undefined && to !== undefined ? `${from}->${to}` : undefined]) {
      if (word === undefined) continue;
      const first = seen.get(word);
      if (first !== undefined)
        problems.add(path, 'each link and each listen once', { got: `${word}, as in links ${first + 1}` });
      seen.set(word, index);
    }
  }
}

function known(
  path: readonly (string | number)[],
  name: string | undefined,
  names: readonly string[],
  problems: Problems,
): void {
  if (name === undefined || names.includes(name)) return;
  problems.add(path, `one of ${names.join(', ')}`, { got: show(name), ...didYouMean(name, names) });
}

/** What a link can lead to: a service, or one broker of a Kafka that has an address. */
function namesOf(system: System, written: readonly Written[]): readonly string[] {
  return system.services.flatMap(({ name, endpoints: [main] }) => {
    if (main?.protocol !== 'kafka') return [name];
    const brokers = written.filter((one) => one.service === name && one.protocol === 'kafka');
    const ids = brokers.flatMap(({ value }) => numberedBrokers(value).map(({ id }) => `${name}-${id}`));
    return ids.length === 0 ? [`${name}-1`] : ids;
  });
}

export const linksOf = (written: NonNullable<WrittenLinks>): readonly CarriedLink[] =>
  written.map(({ from, to, listen, dial }) => ({
    ...{ name: `${from}->${to}`, from, to },
    listen: addressOf(listen),
    dial: addressOf(dial),
  }));
