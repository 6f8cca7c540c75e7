/** The id that a record carries, at the place that the system's file names. */
import type { Correlation } from '../../core/system.ts';
import type { KafkaRecord } from '../../protocols/kafka/record-batches.ts';

/** Undefined: it has none there. */
export function correlationId({ headers, value }: KafkaRecord, place: Correlation): string | undefined {
  if ('header' in place) {
    const found = headers.find(([name]) => name === place.header)?.[1];
    return found ? found.toString('utf8') : undefined;
  }
  const id = value === null ? undefined : at(parsed(value), place.json.split('.'));
  return typeof id === 'string' ? id : undefined;
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (one, key) =>
      typeof one === 'object' && one !== null && Object.hasOwn(one, key)
        ? (one as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  );
