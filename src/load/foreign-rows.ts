/**
 * The rows of a foreign script that are measured, from k6's CSV: by column name, because k6 sorts the columns
 * of the wanted system tags. Rows of setup and teardown have no scenario.
 */
import { GauntletError, show } from '../core/errors.ts';
import { CsvRecords, fieldsOf, firstField } from './csv-records.ts';

export interface ForeignRow {
  readonly metric: string;
  /** Whole nanoseconds since the reader's base second. */
  readonly atNs: number;
  readonly value: number;
  /** Empty for setup and teardown. */
  readonly scenario: string;
  /** NaN where k6 says none. */
  readonly vu: number;
  readonly group: string;
  readonly name: string;
  readonly status: string;
  readonly errorCode: string;
  readonly check: string;
  /** Empty for what is no HTTP request. */
  readonly expected: string;
  /** `a=1&b=2` of the script's own tags, unescaped. */
  readonly tags: string;
}

const WANTED: ReadonlySet<string> = new Set([
  ...['gauntlet_started', 'gauntlet_threw', 'iteration_duration', 'dropped_iterations', 'checks', 'vus'],
  ...['http_req_duration', 'http_req_blocked', 'grpc_req_duration', 'grpc_streams'],
]);

/** The system tags that k6 is asked for. */
export const FOREIGN_TAGS = 'scenario,vu,iter,group,name,status,error_code,check,expected_response';

const COLUMNS = [
  ...(['metric_name', 'timestamp', 'metric_value', 'check', 'error_code', 'expected_response'] as const),
  ...(['group', 'name', 'scenario', 'status', 'extra_tags', 'metadata'] as const),
];
type Column = (typeof COLUMNS)[number];

export class ForeignRows {
  readonly #onRow: (row: ForeignRow) => void;
  readonly #baseSecond: number;
  readonly #records = new CsvRecords((bytes, from, to) => this.#record(bytes, from, to));
  #places: Readonly<Record<Column, number>> | undefined;
  #unreadable = 0;
  #firstUnreadable = '';

  /** @param baseSecond whole epoch seconds; all times are relative to it. */
  constructor(onRow: (row: ForeignRow) => void, baseSecond: number) {
    this.#onRow = onRow;
    this.#baseSecond = baseSecond;
  }

  /** Rows that could not be read, and the first of them. */
  get unreadable(): { readonly count: number; readonly first: string } {
    return { count: this.#unreadable, first: this.#firstUnreadable };
  }

  /** @throws GauntletError 'unavailable' when this is not k6's CSV. */
  push(chunk: Buffer): void {
    this.#records.push(chunk);
  }

  /** The stream has ended: a record without its end was cut off. */
  end(): void {
    if (this.#records.rest !== '') this.#reject(this.#records.rest);
  }

  #record(bytes: Buffer, from: number, to: number): void {
    if (this.#places === undefined) {
      this.#places = placesOf(fieldsOf(bytes, from, to));
      return;
    }
    const metric = firstField(bytes, from, to);
    if (!WANTED.has(metric)) return;
    const fields = fieldsOf(bytes, from, to);
    const places = this.#places;
    const of = (column: Column): string => fields[places[column]] ?? '';
    const atNs = this.#timeOf(of('timestamp'));
    const value = Number(of('metric_value'));
    if (fields.length !== Object.keys(places).length || Number.isNaN(atNs) || Number.isNaN(value)) {
      this.#reject(bytes.toString('utf8', from, Math.min(to, from + 200)));
      return;
    }
    this.#onRow({
      ...{ metric, atNs, value, scenario: of('scenario'), vu: vuIn(of('metadata')), group: of('group') },
      ...{ name: of('name'), status: of('status'), errorCode: of('error_code'), check: of('check') },
      ...{ expected: of('expected_response'), tags: of('extra_tags') },
    });
  }

  #timeOf(text: string): number {
    if (!/^\d{19}$/.test(text)) return Number.NaN;
    return (Number(text.slice(0, -9)) - this.#baseSecond) * 1e9 + Number(text.slice(-9));
  }

  #reject(text: string): void {
    if (this.#unreadable === 0) this.#firstUnreadable = show(text);
    this.#unreadable += 1;
  }
}

function placesOf(header: readonly string[]): Readonly<Record<Column, number>> {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length === 0 && header.length === COLUMNS.length)
    return Object.fromEntries(COLUMNS.map((column) => [column, header.indexOf(column)])) as Record<
      Column,
      number
    >;
  throw new GauntletError('unavailable', [
    { subject: "k6's stream", expected: `the columns ${COLUMNS.join(', ')}`, got: show(header.join(',')) },
  ]);
}

/** `vu=3&iter=0`, in any order. */
function vuIn(metadata: string): number {
  const found = /(?:^|&)vu=(\d+)(?:&|$)/.exec(metadata)?.[1];
  return found === undefined ? Number.NaN : Number(found);
}

/** The value of one of the script's own tags; empty when the row has none. */
export function tagIn(tags: string, key: string): string {
  const at = `&${tags}`.indexOf(`&${key}=`);
  if (at < 0) return '';
  return tags.slice(at + key.length + 1).split('&', 1)[0] ?? '';
}
