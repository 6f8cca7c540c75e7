/** An id that a record carries, at the place that the system's file names. */
import { type Correlation, fieldOf } from '../../core/system.ts';
import type { KafkaRecord } from '../../protocols/kafka/record-batches.ts';
import { type RecordValues, schemaOf } from '../schemas/record-values.ts';

export type Carrier = Pick<KafkaRecord, 'headers' | 'key' | 'value'>;

/** What was read of a record, as far as its places need it. */
export interface ReadCarrier {
  /** Undefined: there is none, or none of its places is in it. */
  readonly value: unknown;
  readonly key: unknown;
  /** Why its value or key was not read, and may hold the id. */
  readonly unread?: { readonly why: string; readonly schema: number };
}

/** What of a record the places are in. */
export interface Needs {
  readonly value: boolean;
  readonly key: boolean;
}

export const needsOf = (places: readonly Correlation[]): Needs => ({
  value: places.some((one) => fieldOf(one) !== undefined),
  key: places.some((one) => 'key' in one),
});

/** All that have to be prepared before they are read. */
export const bytesOf = (records: readonly Carrier[], needs: Needs): readonly (Buffer | null)[] => [
  ...(needs.value ? records.map((one) => one.value) : []),
  ...(needs.key ? records.map((one) => one.key) : []),
];

export function readCarrier({ key, value }: Carrier, needs: Needs, values: RecordValues): ReadCarrier {
  const read = needs.value ? values.of(value) : { value: undefined };
  // A key is a text unless a registry says otherwise.
  const own =
    !needs.key || key === null
      ? { value: undefined }
      : schemaOf(key) === undefined
        ? { value: key.toString('utf8') }
        : values.of(key);
  const [unread] = [read, own].flatMap((one) => ('unread' in one ? [one] : []));
  return {
    value: 'value' in read ? read.value : undefined,
    key: 'value' in own ? own.value : undefined,
    ...(unread && { unread: { why: unread.unread, schema: unread.schema } }),
  };
}

export function partOf(
  { headers }: Pick<Carrier, 'headers'>,
  read: ReadCarrier,
  place: Correlation,
): unknown {
  const path = fieldOf(place);
  if (path !== undefined) return valueAt(read.value, path);
  if ('header' in place) return headerOf({ headers }, place.header);
  return read.key;
}

/** Undefined: it has none of that name. */
export const headerOf = ({ headers }: Pick<Carrier, 'headers'>, name: string): string | undefined =>
  headers.find(([one]) => one === name)?.[1]?.toString('utf8');

/** Undefined: it has none there. A number is an id too. */
export function idAt(
  record: Pick<Carrier, 'headers'>,
  read: ReadCarrier,
  place: Correlation,
): string | undefined {
  const found = partOf(record, read, place);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
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
