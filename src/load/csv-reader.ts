/**
 * Reads the CSV stream of k6 (`--out csv`, timeFormat=unix_nano) and passes on the few samples that are
 * measured. Fast because most lines are k6's own metrics: it skips them after their first bytes. The header
 * defines the columns. No sample of ours is lost silently: unreadable lines are counted.
 */
import { GauntletError, show } from '../core/errors.ts';
import { COMMA, findIn, Names, NEWLINE, QUOTE, readDecimal, readWhole, startsAt } from './csv-lines.ts';

/** One sample of ours. The reader reuses the same object for the next one: copy what you keep. */
export interface K6Sample {
  /** Whole nanoseconds since the reader's base second, exact in a double. */
  readonly atNs: number;
  readonly executor: string;
  /** NaN for a dropped arrival: no VU had it. */
  readonly vu: number;
  /** The count of this VU's iterations, from 0; NaN where k6 was not asked for it. */
  readonly iteration: number;
  /** The measured value in ms; 1 for counters. */
  readonly valueMs: number;
  /** The outcome of an answer, the name of a step; otherwise empty. */
  readonly word: string;
}

export interface SampleHandler {
  started(sample: K6Sample): void;
  answered(sample: K6Sample): void;
  connected(sample: K6Sample): void;
  /** One request of an iteration that has several. */
  stepped(sample: K6Sample): void;
  dropped(sample: K6Sample): void;
  /** k6's own pulse, once a second: time advances even without samples. @param atNs as in K6Sample. */
  pulse(atNs: number): void;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const STARTED = ascii('gauntlet_started,');
const SERVICE = ascii('gauntlet_service_ms,');
const CONNECT = ascii('gauntlet_connect_ms,');
const STEP = ascii('gauntlet_step_ms,');
const DROPPED = ascii('dropped_iterations,');
const OURS = [STARTED, SERVICE, CONNECT, STEP, DROPPED] as const;
const VUS = ascii('vus,');
const OUTCOME = ascii('outcome=');
const STEP_TAG = ascii('step=');
const VU = ascii('vu=');
const ITERATION = ascii('iter=');
const AMPERSAND = 38;
const [D, G, V] = [100, 103, 118];

/** k6's longest lines have a few hundred bytes; a script may add tags. */
const LONGEST_LINE = 1024 * 1024;

interface ColumnPlaces {
  readonly scenario: number;
  readonly tags: number;
  readonly metadata: number;
}

export class CsvReader {
  readonly #handler: SampleHandler;
  readonly #baseSecond: number;
  readonly #names = new Names();
  readonly #words = new Names();
  readonly #row = { atNs: 0, valueMs: 0, executor: '', word: '', vu: 0, iteration: 0, complete: false };
  #columns: ColumnPlaces | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #lines = 0;
  #unreadable = 0;
  #firstUnreadable = '';

  /** @param baseSecond whole epoch seconds; all times are relative to it. */
  constructor(handler: SampleHandler, baseSecond: number) {
    this.#handler = handler;
    this.#baseSecond = baseSecond;
  }

  /** Lines read so far, including the header and skipped ones. */
  get lines(): number {
    return this.#lines;
  }

  /** Lines of ours that could not be read, and the first of them. */
  get unreadable(): { readonly count: number; readonly first: string } {
    return { count: this.#unreadable, first: this.#firstUnreadable };
  }

  /**
   * @throws GauntletError 'unavailable' when the header is not that of a k6 CSV stream with the columns
   * needed, or a line has no end.
   */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    let at = 0;
    if (this.#columns === undefined && end > 0) {
      at = bytes.indexOf(NEWLINE) + 1;
      this.#columns = columnsOf(bytes.toString('utf8', 0, at - 1));
      this.#lines += 1;
    }
    if (this.#columns !== undefined) this.#readLines(bytes, at, end, this.#columns);
    // A copy: a view would keep the whole chunk alive for half a line.
    this.#rest = end === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(end));
    if (this.#rest.length > LONGEST_LINE) throw noLine(this.#rest);
  }

  /**
   * The stream has ended. A last line without its newline was truncated; it is counted when it may have been
   * ours.
   */
  end(): void {
    if (this.#rest.length > 0) this.#reject(this.#rest, 0, this.#rest.length);
    this.#rest = Buffer.alloc(0);
  }

  #readLines(bytes: Buffer, from: number, end: number, columns: ColumnPlaces): void {
    let at = from;
    let lines = 0;
    while (at < end) {
      const first = bytes[at];
      // Native and vectorised: 14 ns for a line of 100 bytes, against 75 ns for a loop over them
      // (bench/ingest.ts).
      const stop = bytes.indexOf(NEWLINE, at);
      if (first === G || first === D || first === V) this.#readLine(bytes, at, stop, columns);
      lines += 1;
      at = stop + 1;
    }
    this.#lines += lines;
  }

  #readLine(bytes: Buffer, at: number, stop: number, columns: ColumnPlaces): void {
    if (startsAt(bytes, at, VUS)) {
      const atNs = this.#timeAt(bytes, at + VUS.length);
      if (!Number.isNaN(atNs)) this.#handler.pulse(atNs);
      return;
    }
    const name = OURS.find((one) => startsAt(bytes, at, one));
    if (name === undefined) return;
    const row = this.#row;
    const tag = name === STEP ? STEP_TAG : OUTCOME;
    this.#readFields(bytes, at + name.length, stop, columns, tag);
    const isWorded = name === SERVICE || name === STEP;
    if (!(row.complete && (name === DROPPED || row.vu >= 0) && (!isWorded || row.word !== ''))) {
      this.#reject(bytes, at, stop);
    } else if (name === STARTED) this.#handler.started(row);
    else if (name === SERVICE) this.#handler.answered(row);
    else if (name === STEP) this.#handler.stepped(row);
    else if (name === CONNECT) this.#handler.connected(row);
    else this.#handler.dropped(row);
  }

  /** Fills the one row that is reused; `complete` states whether all columns were present. */
  #readFields(bytes: Buffer, from: number, stop: number, columns: ColumnPlaces, tag: Uint8Array): void {
    const row = this.#row;
    row.atNs = this.#timeAt(bytes, from);
    [row.executor, row.word, row.vu, row.iteration] = ['', '', Number.NaN, Number.NaN];
    let field = 2;
    let fieldFrom = from + 20;
    let quoted = false;
    for (let place = fieldFrom; place <= stop; place += 1) {
      // No name of ours needs quotes. A quoted field may contain commas, so its columns are unreliable.
      if (bytes[place] === QUOTE) quoted = true;
      if (place < stop && bytes[place] !== COMMA) continue;
      if (field === 2) row.valueMs = readDecimal(bytes, fieldFrom, place);
      else if (field === columns.scenario) row.executor = this.#names.read(bytes, fieldFrom, place);
      else if (field === columns.tags) row.word = this.#wordIn(bytes, fieldFrom, place, tag);
      else if (field === columns.metadata) {
        row.vu = numberIn(bytes, fieldFrom, place, VU);
        row.iteration = numberIn(bytes, fieldFrom, place, ITERATION);
      }
      field += 1;
      fieldFrom = place + 1;
    }
    row.complete =
      !quoted && field === columns.metadata + 1 && !Number.isNaN(row.atNs) && row.executor !== '';
  }

  /** The value of a tag among the extra tags; empty without it. */
  #wordIn(bytes: Buffer, from: number, to: number, tag: Uint8Array): string {
    const found = findIn(bytes, from, to, tag);
    if (found < 0) return '';
    let end = found + tag.length;
    while (end < to && bytes[end] !== AMPERSAND) end += 1;
    return this.#words.read(bytes, found + tag.length, end);
  }

  /** 19 digits: epoch nanoseconds do not fit a double; seconds and the remainder separately do. */
  #timeAt(bytes: Buffer, from: number): number {
    if (bytes[from + 19] !== COMMA) return Number.NaN;
    const seconds = readWhole(bytes, from, from + 10);
    return (seconds - this.#baseSecond) * 1e9 + readWhole(bytes, from + 10, from + 19);
  }

  #reject(bytes: Buffer, from: number, stop: number): void {
    this.#unreadable += 1;
    if (this.#firstUnreadable === '') {
      this.#firstUnreadable = bytes.toString('utf8', from, Math.min(stop, from + 200));
    }
  }
}

function numberIn(bytes: Buffer, from: number, to: number, name: Uint8Array): number {
  const found = findIn(bytes, from, to, name);
  if (found < 0) return Number.NaN;
  let end = found + name.length;
  while (end < to && bytes[end] !== AMPERSAND) end += 1;
  return readWhole(bytes, found + name.length, end);
}

const noLine = (bytes: Buffer): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: 'k6 --out csv',
      expected: `lines of at most ${LONGEST_LINE.toLocaleString('en')} bytes`,
      got: show(bytes.toString('utf8', 0, 60)),
      next: 'Remove long tags from the scenario.',
    },
  ]);

function columnsOf(header: string): ColumnPlaces {
  const names = header.split(',');
  const places = {
    scenario: names.indexOf('scenario'),
    tags: names.indexOf('extra_tags'),
    metadata: names.indexOf('metadata'),
  };
  const fixed = names[0] === 'metric_name' && names[1] === 'timestamp' && names[2] === 'metric_value';
  const found = Object.values(places).every((place) => place > 2) && places.metadata === names.length - 1;
  if (fixed && found) return places;
  throw new GauntletError('unavailable', [
    {
      subject: 'k6 --out csv',
      expected: 'the columns metric_name, timestamp, metric_value, ..., scenario, extra_tags, metadata',
      got: show(header),
      next: 'Use k6 2.2 (gauntlet doctor shows which one was found).',
    },
  ]);
}
