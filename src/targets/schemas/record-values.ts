/**
 * Values of records: JSON, or what was written with a schema registry (a zero byte, four bytes with the number
 * of the schema, and then Avro or JSON). A schema is asked for once.
 */
import { messageOf } from '../../core/errors.ts';
import { type Piece, textOf } from '../../protocols/kafka/kafka-record.ts';
import { avroReader, type ReadPiece } from './avro.ts';
import type { FoundSchema } from './registry-client.ts';

const HEADER_BYTES = 5;

export interface Schemas {
  schema(id: number): Promise<FoundSchema>;
}

export type ReadValue =
  /** Undefined: it is neither. */
  | { readonly value: unknown }
  /** Why it may say something and was not read. */
  | { readonly unread: string; readonly schema: number };

type Reader = ReadPiece | { readonly why: string };

export class RecordValues {
  readonly #schemas: Schemas | undefined;
  readonly #next: string;
  readonly #readers = new Map<number, Reader>();

  /** @param schemas undefined: the target names no registry. @param next what to do then. */
  constructor(schemas: Schemas | undefined, next: string) {
    this.#schemas = schemas;
    this.#next = next;
  }

  /** Before `of`: asks for the schemas that they need. */
  async prepare(all: readonly (Piece | null)[]): Promise<void> {
    for (const piece of all) {
      const id = schemaOf(piece);
      if (id !== undefined && !this.#readers.has(id)) this.#readers.set(id, await this.#readerOf(id));
    }
  }

  of(piece: Piece | null): ReadValue {
    if (piece === null) return { value: undefined };
    const id = schemaOf(piece);
    if (id === undefined) return { value: jsonOf(piece) };
    const reader = this.#readers.get(id) ?? { why: 'its schema was not asked for' };
    if (typeof reader !== 'function') return { unread: reader.why, schema: id };
    const { bytes, from, to } = piece;
    try {
      return { value: reader({ bytes, from: from + HEADER_BYTES, to }) };
    } catch (error) {
      return { unread: messageOf(error), schema: id };
    }
  }

  async #readerOf(id: number): Promise<Reader> {
    if (this.#schemas === undefined) return { why: `the target names no schema registry: ${this.#next}` };
    try {
      return readerFor(await this.#schemas.schema(id));
    } catch (error) {
      return { why: messageOf(error) };
    }
  }
}

function readerFor({ kind, schema, needed }: FoundSchema): Reader {
  if (kind === 'AVRO') return avroReader(schema, needed);
  if (kind === 'JSON') return (piece) => JSON.parse(textOf(piece)) as unknown;
  return { why: `it is of ${kind}, which is not read: name a header in its place` };
}

/** Undefined: it was not written with a registry. Neither JSON nor a text begins with a zero. */
export const schemaOf = (piece: Piece | null): number | undefined =>
  piece !== null && piece.to - piece.from >= HEADER_BYTES && piece.bytes[piece.from] === 0
    ? piece.bytes.readUInt32BE(piece.from + 1)
    : undefined;

function jsonOf(value: Piece): unknown {
  try {
    return JSON.parse(textOf(value));
  } catch {
    return undefined;
  }
}
