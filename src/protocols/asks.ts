/** Every question that a target can be asked, under the name of its probe, and how to ask it. */
import { randomUUID } from 'node:crypto';
import { addressOf, formatAddress } from '../core/address.ts';
import { bearerNow } from '../core/bearer.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { usageError } from '../core/errors.ts';
import type { Ask } from '../core/system.ts';
import type { Words } from '../core/template.ts';
import type { EndpointAt, ServiceAt, Topology } from '../core/topology.ts';
import type { Ms } from '../core/units.ts';
import type { Dialler } from './line/line.ts';
import type { Around, Asked, ProtocolFile, Said, Sender, SendPlace } from './line/protocol.ts';
import { REGISTRY } from './registry.ts';

export const READY = 'ready';
/** Asked once before load, and not by a probe. */
export const CONTRACT = 'contract';

export interface NamedAsk extends Asked {
  /** `<service>` (its `ready`), `<service>:<ask>`, `<service>-<id>` for one of several addresses. */
  readonly name: string;
  readonly protocol: ProtocolFile;
  /** Null: as every probe. */
  readonly everyMs: Ms | null;
  readonly timeoutMs: Ms | null;
}

type Services = Pick<Topology, 'services'>;

/** @throws TypeError for a protocol that no file of ours speaks: it was refused when the system was read. */
export function protocolNamed(name: string): ProtocolFile {
  const found = REGISTRY.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no protocol ${name}`);
  return found;
}

/** In the order of the system's file. */
export const asksOf = ({ services }: Services): readonly NamedAsk[] =>
  services.flatMap((service) =>
    service.endpoints.flatMap((endpoint, index) => asksOfEndpoint(service, endpoint, index === 0)),
  );

function asksOfEndpoint(
  { name: service }: ServiceAt,
  endpoint: EndpointAt,
  isMain: boolean,
): readonly NamedAsk[] {
  const protocol = protocolNamed(endpoint.protocol);
  const [first] = endpoint.at;
  if (first === undefined) return [];
  const named = (name: string, ask: string, at = first): NamedAsk => ({
    ...{ name, service, ask, endpoint, at, protocol, question: endpoint.asks[ask]?.question ?? null },
    ...timesOf(endpoint.asks[ask]),
  });
  const several = protocol.isPerAddress === true && isMain;
  const ready = several
    ? endpoint.at.map((at, index) => named(`${service}-${at.id ?? index + 1}`, READY, at))
    : [named(isMain ? service : `${service}:${endpoint.protocol}`, READY)];
  const builtIn = isMain ? protocol.builtIn : protocol.builtIn.filter((one) => one === CONTRACT);
  const others = [...new Set([...Object.keys(endpoint.asks), ...builtIn])].filter((one) => one !== READY);
  // The ready of a further endpoint is a probe where the file has one.
  const isAsked = isMain || endpoint.asks[READY] !== undefined;
  return [...(isAsked ? ready : []), ...others.map((ask) => named(`${service}:${ask}`, ask))];
}

const GRACE_MS = 400;

/** A round trip that takes as long as it may is heard, and not cut off by the probe. */
function timesOf(ask: Ask | undefined): Pick<NamedAsk, 'everyMs' | 'timeoutMs'> {
  const { everyMs = null, timeoutMs = null, question } = ask ?? {};
  const within = question?.kind === 'echo' ? ((question.withinMs + GRACE_MS) as Ms) : null;
  return { everyMs, timeoutMs: timeoutMs ?? within };
}

/** Those that a probe may watch: all but contracts. */
export const probesOf = (topology: Services): readonly NamedAsk[] =>
  asksOf(topology).filter((one) => one.ask !== CONTRACT);

/** @throws usage error that lists the probes this target has. */
export function probeNamed(name: string, topology: Services): NamedAsk {
  const probes = probesOf(topology);
  const found = probes.find((one) => one.name === name);
  if (found !== undefined) return found;
  const known = probes.map((one) => one.name);
  const expected = `one of ${known.join(', ')}`;
  throw usageError({ subject: 'probe', expected, got: JSON.stringify(name), ...didYouMean(name, known) });
}

/** @throws usage for a question that cannot be asked. */
export const diallerOf = (ask: NamedAsk, topology: Services): Dialler =>
  ask.protocol.dialler(ask, aroundOf(topology));

/** `GET /health`, and what a good answer is. */
export const sayAsk = (ask: NamedAsk): Said => ask.protocol.say(ask);

/** @param newId for `${id}`; default: a new one each time. */
export const aroundOf = (topology: Services, newId: () => string = randomUUID): Around => ({
  words: () => wordsOf(topology, newId()),
  sender: (to, place) => senderTo(topology, to, place),
});

/** `${id}`, `${now}`, `${token}`, and `${orders.host}`, `.port`, `.address` of each service that has an address. */
function wordsOf({ services }: Services, id: string): Words {
  return (name) => {
    if (name === 'id') return id;
    if (name === 'token') return bearerNow();
    if (name === 'now') return new Date().toISOString();
    const [, service, part] = /^(.+)\.(host|port|address)$/.exec(name) ?? [];
    const endpoint = services.find((one) => one.name === service)?.endpoints[0];
    const at = endpoint?.at[0];
    if (endpoint === undefined || at === undefined) return undefined;
    const { host, port } = addressOf(at.address, protocolNamed(endpoint.protocol).defaultPort ?? 0);
    return part === 'host' ? host : part === 'port' ? String(port) : formatAddress({ host, port });
  };
}

function senderTo({ services }: Services, to: string, place: SendPlace): Sender {
  const able = services.flatMap(({ name, endpoints }) =>
    endpoints.flatMap(({ protocol, at }) => {
      const { sender, sendsTo } = protocolNamed(protocol);
      return sender !== undefined && sendsTo !== undefined && place[sendsTo] !== undefined
        ? [{ name, open: () => sender(at, place) }]
        : [];
    }),
  );
  const found = able.find((one) => one.name === to);
  if (found !== undefined) return found.open();
  const names = able.map((one) => one.name);
  const what = place.topic === undefined ? 'channel' : 'topic';
  const expected = `a service with an address that has a ${what}: one of ${names.join(', ') || 'none'}`;
  throw usageError({ subject: 'send.to', expected, got: JSON.stringify(to), ...didYouMean(to, names) });
}
