/** The files of a run directory that the load side writes, once a second, whole lines at a time. */
import { join } from 'node:path';
import type { AnswerIncrement } from '../core/records.ts';
import type { Increments } from '../core/samples.ts';
import { HlogEncoder } from '../measure/hlog.ts';
import { type LineFile, openLineFile } from '../system/durable-file.ts';

/** Fixed names: external programs rely on them. */
export const LOAD_FILES = {
  latency: 'latency.hlog',
  counts: 'counts.ndjson',
  slices: 'slices.ndjson',
  /** Of followed flows only. */
  answers: 'answers.ndjson',
  end: join('k6', 'load-end.json'),
} as const;

export class RunFiles {
  readonly #encoder: HlogEncoder;
  readonly #latency: LineFile;
  readonly #counts: LineFile;
  readonly #slices: LineFile;
  readonly #answers: LineFile | undefined;

  /** @param isFollowed whether some flow has records that are followed. */
  constructor(runDir: string, baseSecond: number, isFollowed = false) {
    this.#encoder = new HlogEncoder(baseSecond);
    const open = (name: string): LineFile => openLineFile(join(runDir, name), { fsync: false });
    this.#latency = open(LOAD_FILES.latency);
    this.#counts = open(LOAD_FILES.counts);
    this.#slices = open(LOAD_FILES.slices);
    this.#answers = isFollowed ? open(LOAD_FILES.answers) : undefined;
    this.#latency.append(this.#encoder.header().trimEnd());
  }

  /** One write for each file, so that a crash of this process loses whole seconds and never half a line. */
  write(increments: Increments, answers: readonly AnswerIncrement[] = []): void {
    const latency = increments.latency.map((one) => this.#encoder.line(one)).join('');
    if (latency !== '') this.#latency.append(latency.trimEnd());
    appendAll(this.#counts, increments.counts);
    appendAll(this.#slices, increments.slices);
    if (this.#answers) appendAll(this.#answers, answers);
  }

  close(): void {
    this.#encoder.destroy();
    for (const file of [this.#latency, this.#counts, this.#slices, this.#answers]) file?.close();
  }
}

function appendAll(file: LineFile, records: readonly object[]): void {
  if (records.length > 0) file.append(records.map((one) => JSON.stringify(one)).join('\n'));
}
