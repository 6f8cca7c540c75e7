/** The `kafka.brokers` list of a target file: addresses, or maps that also say the id and the CONTROLLER listener. */
import { show } from '../core/errors.ts';
import type { KafkaEndpoint } from '../core/topology.ts';
import type { Parsed } from '../core/units.ts';
import type { YamlNode, YamlProblems } from '../system/yaml-reader.ts';
import { parseAddress } from './address.ts';

const LARGEST_ID = 2 ** 31 - 1;
const KEYS = ['id', 'address', 'controller'];

/** Plain addresses are numbered from 1 in their order; a map gives the broker's own id. */
export function readKafkaBrokers(
  kafka: YamlNode,
  problems: YamlProblems,
): readonly KafkaEndpoint[] | undefined {
  const list = kafka.entries.get('brokers');
  if (list?.kind !== 'list' || list.items.length === 0) {
    return problems.add((list ?? kafka).place, {
      subject: 'kafka.brokers',
      expected: 'a list of addresses such as ["127.0.0.1:9092"]',
      got: list ? show(list.value) : 'nothing',
    });
  }
  const seen = new Set<number>();
  return list.items.flatMap((item, index) => {
    const broker = item.kind === 'map' ? fromMap(item, problems) : fromAddress(item, index, problems);
    if (!broker) return [];
    if (seen.has(broker.id)) {
      const got = `${broker.id} twice`;
      problems.add(item.place, { subject: 'kafka.brokers', expected: 'each broker id once', got });
    }
    seen.add(broker.id);
    return [broker];
  });
}

function fromAddress(item: YamlNode, index: number, problems: YamlProblems): KafkaEndpoint | undefined {
  const parsed = parseAddress(item.value);
  if (parsed.ok) return { id: index + 1, client: parsed.value };
  const { expected, next } = parsed;
  const problem = { subject: 'kafka.brokers', expected, got: show(item.value) };
  return problems.add(item.place, { ...problem, ...(next !== undefined && { next }) });
}

function fromMap(item: YamlNode, problems: YamlProblems): KafkaEndpoint | undefined {
  problems.onlyKeys(item, 'kafka.brokers key', KEYS);
  const id = problems.read(item, 'id', parseId);
  const client = problems.read(item, 'address', parseAddress);
  const controller = item.entries.has('controller')
    ? problems.read(item, 'controller', parseAddress)
    : undefined;
  if (id === undefined || client === undefined) return undefined;
  return { id, client, ...(controller === undefined ? {} : { controller }) };
}

const parseId = (value: unknown): Parsed<number> =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_ID
    ? { ok: true, value: Number(value) }
    : { ok: false, expected: `a broker id from 0 to ${LARGEST_ID}` };
