/** The id that a record carries, at the place that the system's file names. */
import type { Correlation } from '../../core/system.ts';
import type { KafkaRecord } from '../../protocols/kafka/record-batches.ts';

/** Undefined: it has none there. */
export function correlationId(
  { headers, value }: Pick<KafkaRecord, 'headers' | 'value'>,
  place: Correlation,
): string | undefined {
  if ('header' in place) {
    const found = headers.find(([name]) => name === place.header)?.[1];
    return found ? found.toString('utf8') : undefined;
  }
  const id = value === null ? undefined : valueAt(jsonOf(value), place.json);
  return typeof id === 'string' ? id : undefined;
}

/** A record that was written with a schema registry: a zero byte and the number of its schema. */
export const isByRegistry = ({ value }: Pick<KafkaRecord, 'value'>): boolean =>
  value !== null && value.length > 5 && value[0] === 0;

/** Undefined: it is not JSON. */
export function jsonOf(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @param path dotted. */
export const valueAt = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (one, key) =>
        typeof one === 'object' && one !== null && Object.hasOwn(one, key)
          ? (one as Readonly<Record<string, unknown>>)[key]
          : undefined,
      value,
    );
