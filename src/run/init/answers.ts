/** What `gauntlet init` is told, by flags, a Compose file or a person, and what is wrong with it. */
import { linksOf } from '../../config/system/links.ts';
import { address, httpUrl, redisUrl } from '../../config/words/address.ts';
import { targetName } from '../../config/words/name.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { type Problem, show } from '../../core/errors.ts';
import type { Protocol } from '../../core/system.ts';
import { REGISTRY } from '../../protocols/registry.ts';

export interface ServiceAnswer {
  readonly name: string;
  /** Null: recognised by dialling it. */
  readonly protocol: Protocol | null;
  /** Several only for the brokers of Kafka. In the form of a target file, or `host:port`. */
  readonly addresses: readonly string[];
}

/** A path of a service that speaks HTTP. */
export interface PathAnswer {
  readonly service: string;
  readonly path: string;
}

export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem };

const refused = (subject: string, expected: string, got: string, next?: string): Read<never> => ({
  ok: false,
  problem: { subject, expected, got, ...(next !== undefined && { next }) },
});

const PROTOCOLS: readonly Protocol[] = REGISTRY.map((one) => one.name);
const SERVICE = 'NAME=ADDRESS, such as web=http://127.0.0.1:8080 or cache=redis://127.0.0.1:6379';
const SERVICE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function readName(text: string): Read<string> {
  const { success, data } = targetName.safeParse(text);
  if (success) return { ok: true, value: data };
  return refused('--name', 'a name of lower-case letters, digits and dashes, at most 40 long', show(text));
}

/** The scheme is the protocol; without one it is recognised. */
export function readService(text: string): Read<ServiceAnswer> {
  const [, name = '', rest = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (!SERVICE_NAME.test(name) || rest === '') return refused('--service', SERVICE, show(text));
  const [, scheme, bare = ''] = /^(?:([a-z]+):\/\/)?(.*)$/.exec(rest) ?? [];
  const protocol = PROTOCOLS.find((one) => one === scheme?.replace(/^(http|redis)s$/, '$1')) ?? null;
  if (scheme !== undefined && protocol === null) {
    const expected = `an address that begins with one of ${PROTOCOLS.map((one) => `${one}://`).join(', ')}`;
    return refused(`--service ${name}`, expected, show(`${scheme}://`), didYouMean(scheme, PROTOCOLS).next);
  }
  const word = protocol === 'http' ? httpUrl : protocol === 'redis' ? redisUrl : address;
  const written = protocol === 'kafka' ? bare.split(',') : [word === address ? bare : rest];
  const addresses: string[] = [];
  for (const one of written) {
    const { success, data, error } = word.safeParse(one);
    // A password may be in it: the text is not repeated.
    if (!success) return refused(`--service ${name}`, error.issues[0]?.message ?? SERVICE, 'another text');
    addresses.push(data);
  }
  return { ok: true, value: { name, protocol, addresses } };
}

export function readPath(
  flag: '--ready' | '--get',
  text: string,
  services: readonly string[],
): Read<PathAnswer> {
  const [, service = '', path = ''] = /^([^=]*)=(\/\S*)$/.exec(text) ?? [];
  if (path === '') return refused(flag, 'SERVICE=/PATH, such as web=/items', show(text));
  if (services.includes(service)) return { ok: true, value: { service, path } };
  const expected = `the name of a service that speaks http: one of ${services.join(', ') || 'none'}`;
  return refused(flag, expected, show(service), didYouMean(service, services).next);
}

export function readLink(text: string, services: readonly string[]): Read<string> {
  const read = linksOf(text, services);
  if (read.ok) return { ok: true, value: text };
  return refused('--link', read.expected, read.got ?? show(text), read.next);
}
