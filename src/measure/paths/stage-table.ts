/**
 * What is known of the records of one flow at one stage, by VU and iteration: 20 bytes an iteration, so that
 * an hour of load fits into memory. Readers take the columns of a VU and go over its iterations: an object
 * for each record, made to be read once, was most of what judging cost.
 */
export interface StageColumns {
  /** Epoch ms of the earliest record; NaN: none was seen. */
  readonly at: Float64Array;
  /** Of that record in its partition. */
  readonly offset: Float64Array;
  /** The number of its partition. */
  readonly place: Uint16Array;
  /** Records beyond the first one, up to 255. */
  readonly again: Uint8Array;
  /** 1: it is the last record of its request. */
  readonly isLast: Uint8Array;
}

export interface SeenRecord {
  readonly at: number;
  readonly offset: number;
  readonly place: number;
  readonly isLast: boolean;
  /** One of several that belong together. */
  readonly isOther: boolean;
}

const MOST_AGAIN = 255;

export class StageTable {
  readonly #vus = new Map<number, StageColumns>();

  /** The earliest record of a request is the one that counts; a later one may be a duplicate. */
  add(vu: number, iteration: number, record: SeenRecord): void {
    const rows = this.#rowsOf(vu, iteration);
    const known = rows.at[iteration] ?? Number.NaN;
    if (!Number.isNaN(known) && !record.isOther)
      rows.again[iteration] = Math.min(MOST_AGAIN, (rows.again[iteration] ?? 0) + 1);
    if (record.isLast) rows.isLast[iteration] = 1;
    if (known <= record.at) return;
    rows.at[iteration] = record.at;
    rows.offset[iteration] = record.offset;
    rows.place[iteration] = record.place;
  }

  /** Of one VU, by iteration. Undefined: nothing was seen of it. */
  columns(vu: number): StageColumns | undefined {
    return this.#vus.get(vu);
  }

  vus(): Iterable<readonly [vu: number, columns: StageColumns]> {
    return this.#vus;
  }

  #rowsOf(vu: number, iteration: number): StageColumns {
    const rows = this.#vus.get(vu);
    if (rows && iteration < rows.at.length) return rows;
    const grown = emptyColumns(Math.max(32, 2 ** Math.ceil(Math.log2(iteration + 1))));
    if (rows) {
      grown.at.set(rows.at);
      grown.offset.set(rows.offset);
      grown.place.set(rows.place);
      grown.again.set(rows.again);
      grown.isLast.set(rows.isLast);
    }
    this.#vus.set(vu, grown);
    return grown;
  }
}

/** When the record of an iteration came; undefined: there is none. */
export function cameAt(columns: StageColumns | undefined, iteration: number): number | undefined {
  const at = columns?.at[iteration];
  return at === undefined || Number.isNaN(at) ? undefined : at;
}

/** @param columns of one VU, by stage. @returns the last stage that has a record of it; -1: none has. */
export function lastStage(columns: readonly (StageColumns | undefined)[], iteration: number): number {
  let last = columns.length - 1;
  while (last >= 0 && cameAt(columns[last], iteration) === undefined) last -= 1;
  return last;
}

/** In one memory: a VU has few iterations, and each memory of its own costs more than they do. */
function emptyColumns(size: number): StageColumns {
  const memory = new ArrayBuffer(20 * size);
  return {
    at: new Float64Array(memory, 0, size).fill(Number.NaN),
    offset: new Float64Array(memory, 8 * size, size),
    place: new Uint16Array(memory, 16 * size, size),
    again: new Uint8Array(memory, 18 * size, size),
    isLast: new Uint8Array(memory, 19 * size, size),
  };
}
