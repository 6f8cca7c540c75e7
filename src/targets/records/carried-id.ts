/**
 * An id that a record carries, at the place that the system's file names. Places are turned into functions
 * once, since they are asked of each record of a run.
 */
import { type Correlation, fieldOf } from '../../core/system.ts';
import { type KafkaRecord, type Piece, textOf } from '../../protocols/kafka/kafka-record.ts';
import { type ReadValue, type RecordValues, schemaOf } from '../schemas/record-values.ts';

export type Carrier = Pick<KafkaRecord, 'header' | 'key' | 'value'>;

/** What was read of a record, as far as its places need it. */
export interface ReadCarrier {
  /** Undefined: there is none, or none of its places is in it. */
  readonly value: unknown;
  readonly key: unknown;
  /** Why its value or key was not read, and may hold the id. */
  readonly unread: Unread | undefined;
}

export interface Unread {
  readonly why: string;
  readonly schema: number;
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
export const piecesOf = (records: readonly Carrier[], needs: Needs): readonly (Piece | null)[] => [
  ...(needs.value ? records.map((one) => one.value) : []),
  ...(needs.key ? records.map((one) => one.key) : []),
];

const NOTHING: ReadValue = { value: undefined };

const NOT_NEEDED: ReadCarrier = { value: undefined, key: undefined, unread: undefined };

export function readCarrier({ key, value }: Carrier, needs: Needs, values: RecordValues): ReadCarrier {
  if (!needs.value && !needs.key) return NOT_NEEDED;
  const read = needs.value ? values.of(value) : NOTHING;
  const own = needs.key && key !== null ? keyOf(key, values) : NOTHING;
  return {
    value: 'value' in read ? read.value : undefined,
    key: 'value' in own ? own.value : undefined,
    unread: unreadOf(read) ?? unreadOf(own),
  };
}

/** A key is a text unless a registry says otherwise. */
const keyOf = (key: Piece, values: RecordValues): ReadValue =>
  schemaOf(key) === undefined ? { value: textOf(key) } : values.of(key);

const unreadOf = (read: ReadValue): Unread | undefined =>
  'unread' in read ? { why: read.unread, schema: read.schema } : undefined;

export type Find<Part> = (record: Carrier, read: ReadCarrier) => Part;

/** Whatever is at a place; undefined: nothing. */
export function partFinder(place: Correlation): Find<unknown> {
  const field = fieldOf(place);
  if (field !== undefined) {
    const keys = field.split('.');
    return (_, read) => valueAt(read.value, keys);
  }
  if ('header' in place) {
    const name = place.header;
    return (record) => record.header(name);
  }
  return (_, read) => read.key;
}

/** Undefined: it has none there. A number is an id too. */
export function idFinder(place: Correlation): Find<string | undefined> {
  const find = partFinder(place);
  return (record, read) => {
    const found = find(record, read);
    if (typeof found === 'number') return String(found);
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let part = value;
  for (const key of keys) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined;
    part = (part as Readonly<Record<string, unknown>>)[key];
  }
  return part;
}
