/**
 * Splits the CSV of k6 into records and fields as RFC 4180 has them: a foreign script's names may contain
 * commas, quotes and line breaks. Our own scripts' names cannot, and csv-reader.ts reads those faster.
 */
import { GauntletError, show } from '../core/errors.ts';
import { COMMA, NEWLINE, QUOTE } from './csv-lines.ts';

/** A record may hold URLs and tags of a script. */
const LONGEST_RECORD = 1024 * 1024;

export class CsvRecords {
  readonly #onRecord: (bytes: Buffer, from: number, to: number) => void;
  #rest: Buffer = Buffer.alloc(0);

  /** @param onRecord gets each whole record, without its line break. */
  constructor(onRecord: (bytes: Buffer, from: number, to: number) => void) {
    this.#onRecord = onRecord;
  }

  /** Bytes of a record that has no end yet. */
  get rest(): string {
    return this.#rest.toString('utf8', 0, 200);
  }

  /** @throws GauntletError 'unavailable' when a record has no end. */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    let searched = 0;
    for (;;) {
      const stop = bytes.indexOf(NEWLINE, searched);
      if (stop < 0) break;
      searched = stop + 1;
      // A line break inside quotes is part of a field.
      if (quotesIn(bytes, from, stop) % 2 === 1) continue;
      this.#onRecord(bytes, from, stop);
      from = searched;
    }
    this.#rest = from === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(from));
    if (this.#rest.length <= LONGEST_RECORD) return;
    throw new GauntletError('unavailable', [
      { subject: "k6's stream", expected: 'records with an end', got: show(this.rest) },
    ]);
  }
}

function quotesIn(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE, from); at >= 0 && at < to; at = bytes.indexOf(QUOTE, at + 1)) count += 1;
  return count;
}

/** The fields of one record: quotes around a field are removed, doubled ones inside it become one. */
export function fieldsOf(bytes: Buffer, from: number, to: number): string[] {
  const text = bytes.toString('utf8', from, to).replace(/\r$/, '');
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') {
      if (isQuoted && text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = !isQuoted;
    } else if (sign === ',' && !isQuoted) {
      fields.push(field);
      field = '';
    } else field += sign;
  }
  return [...fields, field];
}

/** The first field of a record, which k6 never quotes: the name of a metric. */
export function firstField(bytes: Buffer, from: number, to: number): string {
  const comma = bytes.indexOf(COMMA, from);
  return bytes.toString('latin1', from, comma < 0 || comma > to ? to : comma);
}
