/**
 * What is known of the records of one flow at one stage, by VU and iteration: 20 bytes an iteration, so that
 * an hour of load fits into memory.
 */
interface Rows {
  /** Epoch ms of the earliest record; NaN: none was seen. */
  at: Float64Array;
  /** Of that record in its partition. */
  offset: Float64Array;
  place: Uint16Array;
  /** Records beyond the first one, up to 255. */
  again: Uint8Array;
  isLast: Uint8Array;
}

export interface Stay {
  readonly at: number;
  readonly offset: number;
  /** The number of its partition. */
  readonly place: number;
  readonly again: number;
  /** It is the last record of its request. */
  readonly isLast: boolean;
}

export interface SeenRecord extends Omit<Stay, 'again'> {
  /** One of several that belong together. */
  readonly isOther: boolean;
}

const MOST_AGAIN = 255;

export class StageTable {
  readonly #vus = new Map<number, Rows>();

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

  find(vu: number, iteration: number): Stay | undefined {
    const rows = this.#vus.get(vu);
    return rows && stayIn(rows, iteration);
  }

  *stays(): Generator<readonly [vu: number, iteration: number, stay: Stay]> {
    for (const [vu, rows] of this.#vus)
      for (let iteration = 0; iteration < rows.at.length; iteration += 1) {
        const stay = stayIn(rows, iteration);
        if (stay) yield [vu, iteration, stay];
      }
  }

  #rowsOf(vu: number, iteration: number): Rows {
    const rows = this.#vus.get(vu);
    if (rows && iteration < rows.at.length) return rows;
    const grown = emptyRows(Math.max(16, 2 ** Math.ceil(Math.log2(iteration + 1))));
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

function stayIn(rows: Rows, iteration: number): Stay | undefined {
  const at = rows.at[iteration] ?? Number.NaN;
  if (Number.isNaN(at)) return undefined;
  return {
    at,
    offset: rows.offset[iteration] ?? 0,
    place: rows.place[iteration] ?? 0,
    again: rows.again[iteration] ?? 0,
    isLast: rows.isLast[iteration] === 1,
  };
}

const emptyRows = (size: number): Rows => ({
  at: new Float64Array(size).fill(Number.NaN),
  offset: new Float64Array(size),
  place: new Uint16Array(size),
  again: new Uint8Array(size),
  isLast: new Uint8Array(size),
});
