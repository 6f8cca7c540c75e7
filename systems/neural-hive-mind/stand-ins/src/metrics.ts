/**
 * A small registry in Prometheus text format 0.0.4: counters, gauges and histograms with fixed label names.
 */
type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly lines: () => string[];
  readonly head: string;
}

export class Metrics {
  readonly #families: Family[] = [];

  counter(name: string, help: string): Counter {
    const counter = new Counter(name);
    this.#add(name, help, 'counter', () => counter.lines());
    return counter;
  }

  /** @param read called at every scrape. */
  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#add(name, help, 'gauge', () => [`${name}${format(labels)} ${read()}`]);
  }

  /** @param buckets upper bounds in the unit of the name, ascending, without +Inf. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    const histogram = new Histogram(name, buckets);
    this.#add(name, help, 'histogram', () => histogram.lines());
    return histogram;
  }

  text(): string {
    return `${this.#families.flatMap((family) => [family.head, ...family.lines()]).join('\n')}\n`;
  }

  #add(name: string, help: string, type: string, lines: () => string[]): void {
    this.#families.push({ name, lines, head: `# HELP ${name} ${help}\n# TYPE ${name} ${type}` });
  }
}

export class Counter {
  readonly #name: string;
  readonly #values = new Map<string, number>();

  constructor(name: string) {
    this.#name = name;
  }

  add(labels: Labels = {}, by = 1): void {
    const key = format(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  lines(): string[] {
    return [...this.#values].map(([labels, value]) => `${this.#name}${labels} ${value}`);
  }
}

export class Histogram {
  readonly #name: string;
  readonly #buckets: readonly number[];
  readonly #rows = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();

  constructor(name: string, buckets: readonly number[]) {
    this.#name = name;
    this.#buckets = buckets;
  }

  observe(value: number, labels: Labels = {}): void {
    const key = format(labels);
    let row = this.#rows.get(key);
    if (!row) {
      row = { labels, counts: this.#buckets.map(() => 0), sum: 0, count: 0 };
      this.#rows.set(key, row);
    }
    const bucket = this.#buckets.findIndex((bound) => value <= bound);
    if (bucket >= 0) row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
    row.sum += value;
    row.count += 1;
  }

  lines(): string[] {
    return [...this.#rows.values()].flatMap(({ labels, counts, sum, count }) => {
      let below = 0;
      const buckets = this.#buckets.map((bound, index) => {
        below += counts[index] ?? 0;
        return `${this.#name}_bucket${format({ ...labels, le: String(bound) })} ${below}`;
      });
      return [
        ...buckets,
        `${this.#name}_bucket${format({ ...labels, le: '+Inf' })} ${count}`,
        `${this.#name}_sum${format(labels)} ${sum}`,
        `${this.#name}_count${format(labels)} ${count}`,
      ];
    });
  }
}

function format(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
