/**
 * Whether clients of a Kafka stay on the links that a proxy carries: a broker tells its clients where to dial
 * all brokers, and an address that it advertises can lead past the proxy.
 */
import { isIP } from 'node:net';
import type { Access } from '../../core/access.ts';
import { addressOf, formatAddress } from '../../core/address.ts';
import type { CarriedLink } from '../../core/carried-link.ts';
import { messageOf } from '../../core/errors.ts';
import { speaking, type Topology } from '../../core/topology.ts';
import { KafkaConnection } from '../../protocols/kafka/connection.ts';
import { metadataRequest, readMetadata } from '../../protocols/kafka/requests.ts';

const DEADLINE_MS = 1000;
const MOST_BYTES = 16 * 1024 * 1024;

/** One sentence for each link to Kafka whose clients are led past the proxy; asked through the link. */
export async function bypasses(
  links: readonly CarriedLink[],
  topology: Pick<Topology, 'services'>,
): Promise<readonly string[]> {
  const brokers = speaking(topology, 'kafka').flatMap(({ name, endpoint }) =>
    endpoint.at.map(({ id = 0, access }) => ({ id, link: `${name}-${id}`, access })),
  );
  const toKafka = links.filter((link) => brokers.some((one) => one.link === link.to));
  const said = toKafka.map(async (link) => {
    const advertised = await advertisedThrough(link, brokers.find((one) => one.link === link.to)?.access);
    if ('why' in advertised)
      return [`${link.name}: not known where its brokers send clients: ${advertised.why}`];
    return ledPast(link, links, advertised.brokers, brokers);
  });
  return [...new Set((await Promise.all(said)).flat())];
}

/**
 * Of a broker that dials its peers, a name is not judged: all peers are told the same one, and each resolves it
 * by itself. It does not dial itself.
 */
export function ledPast(
  link: CarriedLink,
  links: readonly CarriedLink[],
  advertised: Advertised['brokers'],
  brokers: readonly { readonly id: number; readonly link: string }[],
): readonly string[] {
  const own = links.filter((one) => one.from === link.from);
  const dialler = brokers.find((one) => one.link === link.from);
  const isOpen = ({ id, host }: Advertised['brokers'][number]): boolean =>
    dialler !== undefined && (id === dialler.id || isIP(host) === 0);
  return advertised
    .filter((one) => !isOpen(one) && !own.some(({ listen }) => formatAddress(listen) === one.at))
    .map(({ id, at }) => {
      const carrier = own.find((one) => brokers.some((each) => each.id === id && each.link === one.to));
      const meant =
        carrier === undefined ? 'a listen address of its own link' : formatAddress(carrier.listen);
      return `${link.name}: broker ${id} advertises ${at}, which ${link.from} then dials past the proxy. Advertise ${meant} on a listener for ${link.from}.`;
    });
}

/** The proxy passes TLS on: the certificate is that of the server behind it, for its name there. */
const throughProxy = ({ dial }: CarriedLink, access: Access | undefined): Access | undefined =>
  access?.tls === undefined ? access : { ...access, tls: { serverName: dial.host, ...access.tls } };

interface Advertised {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly at: string }[];
}

async function advertisedThrough(
  link: CarriedLink,
  access: Access | undefined,
): Promise<Advertised | { readonly why: string }> {
  const options = { clientId: 'gauntlet', mostBytes: MOST_BYTES, access: throughProxy(link, access) };
  try {
    const connection = await KafkaConnection.open(formatAddress(link.listen), DEADLINE_MS, options);
    const late = (): void => connection.close(new Error(`no answer in ${DEADLINE_MS} ms`));
    const timer = setTimeout(late, DEADLINE_MS);
    try {
      const { brokers } = readMetadata(await connection.request(metadataRequest([])));
      return {
        brokers: brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, at: formatted(host, port) })),
      };
    } finally {
      clearTimeout(timer);
      connection.close();
    }
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** As our own addresses are written, so that two spellings are one. */
function formatted(host: string, port: number): string {
  const text = formatAddress({ host, port });
  try {
    return formatAddress(addressOf(text));
  } catch {
    return text;
  }
}
