/** Reads the Prometheus text format 0.0.4 as the Pushgateway does: its words for a line that is wrong. */

export interface ReadSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
  readonly timestamp: string | null;
}

export interface ReadFamily {
  readonly type: string;
  readonly help: string | null;
  readonly series: ReadSeries[];
}

export class BadText extends Error {}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LINE = new RegExp(`^(${NAME})(?:\\{(.*)\\})?[ \\t]+(\\S+)(?:[ \\t]+(-?\\d+))?[ \\t]*$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;
const NUMBER = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)$/i;
const PARTS = /_(?:bucket|sum|count)$/;

/** @throws BadText with the number of the line. */
export function readMetrics(text: string): Map<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  const bad = (line: number, why: string): never => {
    throw new BadText(`text format parsing error in line ${line}: ${why}`);
  };
  const lines = text.split('\n');
  if (lines.at(-1) !== '') bad(lines.length, 'unexpected end of input stream');
  lines.slice(0, -1).forEach((line, index) => {
    const at = index + 1;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      const family = families.get(name) ?? { type: 'untyped', help: null, series: [] };
      if (kind === 'TYPE' && family.series.length > 0)
        bad(at, `second TYPE line for metric name "${name}", or TYPE reported after samples`);
      families.set(name, { ...family, ...(kind === 'TYPE' ? { type: rest } : { help: rest }) });
      return;
    }
    if (line === '' || line.startsWith('#')) return;
    const [, metric = '', inside, value = '', timestamp = null] = LINE.exec(line) ?? [];
    if (metric === '') bad(at, `invalid metric name or labels`);
    if (!NUMBER.test(value)) bad(at, `expected float as value, got ${JSON.stringify(value)}`);
    const series = {
      name: metric,
      labels: labelsOf(inside ?? '', () => bad(at, 'invalid label')),
      value,
      timestamp,
    };
    const base = metric.replace(PARTS, '');
    const home = families.get(base)?.type === 'histogram' ? base : metric;
    const family = families.get(home) ?? { type: 'untyped', help: null, series: [] };
    family.series.push(series);
    families.set(home, family);
  });
  return new Map([...families].filter(([, family]) => family.series.length > 0));
}

function labelsOf(inside: string, bad: () => never): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const [, name, value = ''] = LABEL.exec(inside) ?? [];
    if (name === undefined || Object.hasOwn(labels, name)) return bad();
    labels[name] = value.replace(/\\(["\\n])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  }
  return labels;
}

/** A name for one series, whatever the order of its labels. */
export const seriesKey = ({ name, labels }: Pick<ReadSeries, 'name' | 'labels'>): string =>
  `${name}{${Object.entries(labels)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;
