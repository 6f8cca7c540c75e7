/**
 * What is known of each iteration of one flow, by VU and count: ten bytes an iteration. Iterations of a VU
 * are counted from 0, so a row is found by its place.
 */
export interface IterationColumns {
  /** Epoch ms at which it was due; NaN: not a request. */
  readonly due: Float64Array;
  /** 0: a good answer; else the number of the outcome. */
  readonly outcome: Uint8Array;
  /** Records seen of it, up to 255. */
  readonly records: Uint8Array;
  /** Iterations that may be requests. */
  readonly length: number;
}

type Rows = { -readonly [Key in keyof IterationColumns]: IterationColumns[Key] };

/** k6 counts a VU in a test of one day at 46 iterations a second up to here. */
export const MOST_ITERATIONS = 4_000_000;
const MOST_RECORDS = 255;

export class IterationTable {
  readonly #vus = new Map<number, Rows>();

  /** Its end. A second one of the same iteration replaces the first. */
  end(vu: number, iteration: number, dueAt: number, outcome: number): void {
    const rows = this.#rowsOf(vu, iteration);
    rows.due[iteration] = dueAt;
    rows.outcome[iteration] = outcome;
  }

  /**
   * One record of it. @returns its end, and how many records there were before; undefined: no request of it
   * is known, and nothing was noted.
   */
  record(vu: number, iteration: number): { readonly outcome: number; readonly before: number } | undefined {
    const rows = this.#vus.get(vu);
    if (rows === undefined || Number.isNaN(rows.due[iteration] ?? Number.NaN)) return undefined;
    const before = rows.records[iteration] ?? 0;
    rows.records[iteration] = Math.min(MOST_RECORDS, before + 1);
    return { outcome: rows.outcome[iteration] ?? 0, before };
  }

  vus(): Iterable<readonly [vu: number, columns: IterationColumns]> {
    return this.#vus;
  }

  #rowsOf(vu: number, iteration: number): Rows {
    let rows = this.#vus.get(vu);
    if (rows === undefined) {
      rows = { ...emptyRows(32), length: 0 };
      this.#vus.set(vu, rows);
    }
    if (iteration >= rows.due.length) {
      const grown = emptyRows(2 ** Math.ceil(Math.log2(iteration + 1)));
      grown.due.set(rows.due);
      grown.outcome.set(rows.outcome);
      grown.records.set(rows.records);
      Object.assign(rows, grown);
    }
    rows.length = Math.max(rows.length, iteration + 1);
    return rows;
  }
}

/** In one memory, as in StageTable. */
function emptyRows(size: number): Omit<Rows, 'length'> {
  const memory = new ArrayBuffer(10 * size);
  return {
    due: new Float64Array(memory, 0, size).fill(Number.NaN),
    outcome: new Uint8Array(memory, 8 * size, size),
    records: new Uint8Array(memory, 9 * size, size),
  };
}
