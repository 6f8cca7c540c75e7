/**
 * Values in the binary format of Avro as plain ones: what a path into JSON finds is found here too. A branch
 * of a union is its value, and an integer that a number cannot hold is its digits.
 */
import avro from 'avsc';
import type { Piece } from '../../protocols/kafka/kafka-record.ts';

export type ReadPiece = (piece: Piece) => unknown;

/** Eight bytes, the lowest first. */
const LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => {
    const value = bytes.readBigInt64LE();
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  },
  ...{ toBuffer: onlyRead, fromJSON: onlyRead, toJSON: onlyRead, isValid: onlyRead, compare: onlyRead },
} as unknown as object);

function onlyRead(): never {
  throw new Error('values are only read');
}

/**
 * @param needed schemas whose types it names, each after those that it names itself.
 * @throws Error when it is not a schema of Avro.
 */
export function avroReader(schema: string, needed: readonly string[]): ReadPiece {
  const registry = { long: LONG } as unknown as Record<string, avro.Type>;
  const typeOf = (text: string): avro.Type =>
    avro.Type.forSchema(JSON.parse(text) as avro.Schema, { registry, omitRecordMethods: true });
  for (const one of needed) typeOf(one);
  const type = typeOf(schema);
  const isWrapped = hasBranches(type, new Set());
  return ({ bytes, from, to }) => {
    const { value, offset } = type.decode(bytes, from) as {
      readonly value: unknown;
      readonly offset: number;
    };
    // What follows it in its batch is no part of it.
    if (offset < 0 || offset > to) throw new Error('its bytes end within it');
    if (offset < to) throw new Error(`${to - offset} bytes are left over`);
    return isWrapped ? plainValue(value) : value;
  };
}

/** Whether some union of it wraps its branches. */
function hasBranches(type: avro.Type, seen: Set<avro.Type>): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  const one = type as Partial<avro.types.RecordType & avro.types.ArrayType & avro.types.MapType> & avro.Type;
  const inner = [
    ...(one.fields ?? []).map((field) => field.type),
    ...('types' in type ? (type.types as avro.Type[]) : []),
    ...[one.itemsType, one.valuesType].flatMap((of) => of ?? []),
  ];
  return type.typeName === 'union:wrapped' || inner.some((of) => hasBranches(of, seen));
}

interface Branch {
  unwrap(): unknown;
}

/** The library wraps a branch of a union where its value alone would not say which one it is. */
const isBranch = (value: object): value is Branch =>
  !Object.hasOwn(value, 'unwrap') && typeof (value as Partial<Branch>).unwrap === 'function';

function plainValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(plainValue);
  // Of its one key the value.
  if (isBranch(value)) return plainValue(Object.values(value)[0]);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainValue(one)]));
}
