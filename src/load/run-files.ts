/** The files of a run directory that the load side writes, once a second, whole lines at a time. */
import { join } from 'node:path';
import type { Increments } from '../core/samples.ts';
import { HlogEncoder } from '../measure/hlog.ts';
import { type LineFile, openLineFile } from '../system/durable-file.ts';

/** Fixed names: external programs rely on them. */
export const LOAD_FILES = {
  latency: 'latency.hlog',
  counts: 'counts.ndjson',
  slices: 'slices.ndjson',
  end: join('k6', 'load-end.json'),
} as const;

export class RunFiles {
  readonly #encoder: HlogEncoder;
  readonly #latency: LineFile;
  readonly #counts: LineFile;
  readonly #slices: LineFile;

  constructor(runDir: string, baseSecond: number) {
    this.#encoder = new HlogEncoder(baseSecond);
    const open = (name: string): LineFile => openLineFile(join(runDir, name), { fsync: false });
    this.#latency = open(LOAD_FILES.latency);
    this.#counts = open(LOAD_FILES.counts);
    this.#slices = open(LOAD_FILES.slices);
    this.#latency.append(this.#encoder.header().trimEnd());
  }

  /** One write for each file, so that a crash of this process loses whole seconds and never half a line. */
  write(increments: Increments): void {
    const latency = increments.latency.map((one) => this.#encoder.line(one)).join('');
    if (latency !== '') this.#latency.append(latency.trimEnd());
    appendAll(this.#counts, increments.counts);
    appendAll(this.#slices, increments.slices);
  }

  close(): void {
    this.#encoder.destroy();
    for (const file of [this.#latency, this.#counts, this.#slices]) file.close();
  }
}

function appendAll(file: LineFile, records: readonly object[]): void {
  if (records.length > 0) file.append(records.map((one) => JSON.stringify(one)).join('\n'));
}
