/** Metrics as data: one source for every text and push format. Values are in base units: seconds, shares. */

export type Labels = Readonly<Record<string, string>>;

/** A series and its value; NaN: not measured, +Infinity: not reached. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of a histogram: which of its series this is. */
  readonly part?: 'bucket' | 'sum' | 'count';
}

export interface Family {
  /** As a query names it: counters end with `_total`, facts with `_info`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram' | 'info';
  /** Only where the name ends with it. */
  readonly unit?: 'seconds' | 'ratio';
  readonly samples: readonly Sample[];
}

type Row = readonly [labels: Labels, value: number | null | undefined];

/** A missing value is NaN, so that the series is the same every night: one left out would disappear. */
const sampleOf = ([labels, value]: Row): Sample => ({ labels, value: value ?? Number.NaN });

const UNITS = ['seconds', 'ratio'] as const;

function familyOf(type: 'gauge' | 'counter', name: string, help: string, rows: readonly Row[]): Family {
  const base = name.replace(/_total$/, '');
  const unit = UNITS.find((one) => base.endsWith(`_${one}`));
  return { name, help, type, ...(unit && { unit }), samples: rows.map(sampleOf) };
}

export const gauge = (name: string, help: string, rows: readonly Row[]): Family =>
  familyOf('gauge', name, help, rows);

/** @param name ends with `_total`. */
export const counter = (name: string, help: string, rows: readonly Row[]): Family =>
  familyOf('counter', name, help, rows);

/** @param name ends with `_info`; each value is 1. */
export const info = (name: string, help: string, facts: readonly Labels[]): Family => ({
  ...{ name, help, type: 'info' },
  samples: facts.map((labels) => ({ labels, value: 1 })),
});

/** @param bounds upper bounds of the buckets, rising, without infinity. */
export function histogram(
  name: string,
  help: string,
  bounds: readonly number[],
  all: readonly (readonly [labels: Labels, values: readonly number[]])[],
): Family {
  const samples = all.flatMap(([labels, values]): readonly Sample[] => {
    const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound): Sample => {
      const value = values.filter((one) => one <= bound).length;
      return { labels: { ...labels, le: boundText(bound) }, value, part: 'bucket' };
    });
    const sum = values.reduce((total, one) => total + one, 0);
    return [...buckets, { labels, value: sum, part: 'sum' }, { labels, value: values.length, part: 'count' }];
  });
  return { name, help, type: 'histogram', unit: 'seconds', samples };
}

/** As OpenMetrics writes a number that is a float. */
const boundText = (bound: number): string =>
  bound === Number.POSITIVE_INFINITY ? '+Inf' : Number.isInteger(bound) ? `${bound}.0` : String(bound);

export const nameOfSample = ({ name }: Family, { part }: Sample): string =>
  part === undefined ? name : `${name}_${part}`;

/** 1 for the one that it is, 0 for the others: a query then needs no series that comes and goes. */
export const oneOf = <Value extends string>(
  label: string,
  values: readonly Value[],
  now: Value | null,
): readonly (readonly [Labels, number])[] =>
  values.map((one) => [{ [label]: one }, one === now ? 1 : 0] as const);
