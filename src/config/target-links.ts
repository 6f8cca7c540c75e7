/**
 * `links` of a target file: where Gauntlet's own proxy carries a link between two services, in front of any
 * address.
 */
import type { z } from 'zod';
import { addressOf } from '../core/address.ts';
import type { CarriedLink } from '../core/carried-link.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { show } from '../core/errors.ts';
import { own } from '../core/own.ts';
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
  from: text().describe('the service that dials, of Kafka one broker; client for users and load'),
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
  const brokers = brokersIn(system, written);
  const seen = new Map<string, number>();
  for (const [index, one] of (links ?? []).entries()) {
    if (one === undefined) continue;
    const path = ['links', index];
    const { from, to, listen, dial } = one;
    known([...path, 'from'], from, [...new Set([CLIENT, ...services, ...targets])], problems);
    known([...path, 'to'], to, targets, problems);
    const peers = own(brokers, from ?? '') ?? [];
    const other = peers.find((broker) => broker !== to);
    if (other !== undefined && to !== undefined && peers.includes(to))
      problems.add([...path, 'from'], `one broker, such as ${other}`, {
        got: `${from}, which is all of them: a fault could not tell the peers of ${to} from its clients`,
      });
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
  const brokers = brokersIn(system, written);
  return system.services.flatMap(({ name }) => own(brokers, name) ?? [name]);
}

/** The names of the brokers of each Kafka. */
const brokersIn = (
  { services }: System,
  written: readonly Written[],
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    services
      .filter(({ endpoints: [main] }) => main?.protocol === 'kafka')
      .map(({ name }) => {
        const given = written.filter((one) => one.service === name && one.protocol === 'kafka');
        const ids = given.flatMap(({ value }) => numberedBrokers(value).map(({ id }) => `${name}-${id}`));
        return [name, ids.length === 0 ? [`${name}-1`] : ids];
      }),
  );

export const linksOf = (written: NonNullable<WrittenLinks>): readonly CarriedLink[] =>
  written.map(({ from, to, listen, dial }) => ({
    ...{ name: `${from}->${to}`, from, to },
    listen: addressOf(listen),
    dial: addressOf(dial),
  }));
