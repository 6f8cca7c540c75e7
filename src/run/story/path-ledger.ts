/**
 * The records of a path's stages, read after the load: until every request came to the end of its path or was
 * given up, or until the time for it is over. Whatever is still on its way then leaves the path's objectives
 * open: a slow service fails no run.
 */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { PathPlan, StageRow } from '../../core/paths.ts';
import type { RunOfIds } from '../../core/records.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import { Fates } from '../../measure/paths/fates.ts';
import { PathRecords } from '../../measure/paths/path-records.ts';
import type { KafkaRecord } from '../../protocols/kafka/kafka-record.ts';
import { endOffsets, type PartitionAt } from '../../targets/records/end-offsets.ts';
import { Leaders } from '../../targets/records/leaders.ts';
import { readCommitted, type Span } from '../../targets/records/read-committed.ts';
import type { RecordValues } from '../../targets/schemas/record-values.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { type GuardedFile, openGuardedFile } from './recorder.ts';
import { StageRows } from './stage-rows.ts';

const ENDS_MS = 15_000;
const AGAIN_MS = ms(1000);
/** See record-ledger.ts. */
const PATIENCE_MS = 75_000;
const LONGEST_MS = 300_000;

export interface PathLedgerOptions {
  readonly paths: readonly PathPlan[];
  readonly run: RunOfIds;
  /** Of the load: by executor. */
  readonly flows: ReadonlyMap<string, string>;
  readonly brokers: readonly KafkaEndpoint[];
  readonly values: RecordValues;
  readonly runDir: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onBroken(error: unknown): void;
}

type Place = Pick<PartitionAt, 'topic' | 'partition'>;

export interface ReadElsewhere {
  readonly reached: readonly PartitionAt[];
  /** Why not everything was read. */
  readonly open: readonly string[];
}

export class PathLedger {
  readonly #options: PathLedgerOptions;
  readonly #file: GuardedFile;
  readonly #rows: StageRows;
  readonly #leaders: Leaders;
  readonly #records: readonly PathRecords[];
  #from: readonly PartitionAt[] | undefined;

  constructor(options: PathLedgerOptions) {
    const { paths, runDir, brokers, run, flows, values } = options;
    this.#options = options;
    this.#file = openGuardedFile(join(runDir, RUN_FILES.stages), (error) => options.onBroken(error));
    this.#rows = new StageRows({ paths, run, flows, values });
    this.#leaders = new Leaders(brokers, this.#rows.topics);
    this.#records = paths.map((path, index) => new PathRecords(path, index));
  }

  /** Before the first request. */
  async begin(): Promise<void> {
    try {
      this.#from = await endOffsets(this.#leaders, ENDS_MS, this.#options.signal);
      for (const one of this.#from) this.#note({ kind: 'from', ...one });
    } catch (error) {
      this.#note({ kind: 'open', why: `before the load, ${messageOf(error)}` });
    }
  }

  get topics(): readonly string[] {
    return this.#rows.topics;
  }

  /** What can be read by now. Empty: it is not known, and `finish` says why if that does not pass. */
  async spans(): Promise<readonly Span[]> {
    const from = this.#from;
    if (from === undefined) return [];
    return await endOffsets(this.#leaders, ENDS_MS, this.#options.signal).then(
      (ends) => spansFrom(from, ends),
      () => [],
    );
  }

  /** What was read of a topic, in the order of its partition. @returns its lines. */
  async take(place: Place, records: readonly KafkaRecord[]): Promise<readonly StageRow[]> {
    const lines = await this.#rows.take(place, records);
    for (const one of lines) this.#note(one);
    return lines;
  }

  /** The header by which a topic knows requests; undefined: it has another place, or other ids. */
  headerOf(topic: string): string | undefined {
    return this.#rows.headerOf(topic);
  }

  /**
   * After the last answer. @param elsewhere what the ledger of records read of the same topics, and gave to
   * `take`.
   */
  async finish(elsewhere: ReadElsewhere): Promise<void> {
    const { open, reached } = elsewhere;
    for (const why of open) this.#note({ kind: 'open', why });
    try {
      if (this.#from !== undefined)
        await this.#follow(this.#from.map((one) => reached.find((it) => isSame(it, one)) ?? one));
    } catch (error) {
      this.#note({ kind: 'open', why: `after the load, ${messageOf(error)}` });
    } finally {
      for (const row of this.#rows.rest()) this.#note(row);
      this.#leaders.close();
      this.#file.close();
    }
  }

  async #follow(noted: readonly PartitionAt[]): Promise<void> {
    const { paths, clock, signal } = this.#options;
    const within = Math.max(...paths.map((one) => one.withinMs));
    const longest = performance.now() + LONGEST_MS;
    let reached = noted;
    let first: Waiting | undefined;
    for (;;) {
      const until = clock.now();
      const ends = await endOffsets(this.#leaders, ENDS_MS, signal);
      const began = performance.now();
      const read = await readCommitted({
        leaders: this.#leaders,
        spans: spansFrom(reached, ends),
        ...{ patienceMs: PATIENCE_MS, longestMs: LONGEST_MS, signal },
        take: async (place, records) => void (await this.take(place, records)),
      });
      reached = read.reached;
      this.#note({ kind: 'until', at: until });
      for (const { why } of read.open) this.#note({ kind: 'open', why });
      const isOver = signal.aborted || performance.now() > longest || read.open.length > 0;
      const now = { count: this.#waiting(until), at: performance.now() };
      first ??= now;
      if (isOver || now.count === 0 || isHopeless(first, now, longest, within)) break;
      // The count takes a while where there are millions.
      await clock.sleep(ms(Math.max(AGAIN_MS, performance.now() - began)), signal);
    }
    for (const one of reached) this.#note({ kind: 'to', ...one });
  }

  #waiting(until: number): number {
    return this.#records.reduce((sum, one) => sum + new Fates(one, until).waiting(), 0);
  }

  #note(row: StageRow): void {
    this.#file.record(row);
    for (const one of this.#records) one.row(row);
  }
}

interface Waiting {
  readonly count: number;
  readonly at: number;
}

/** A pace is known this long after what does not move was given up. */
const PACE_MS = 15_000;

/** At the pace so far, more are waiting than can come in the time that is left. */
export function isHopeless(first: Waiting, now: Waiting, until: number, withinMs: number): boolean {
  const lasted = now.at - first.at;
  return lasted >= withinMs + PACE_MS && now.count > ((first.count - now.count) / lasted) * (until - now.at);
}

const isSame = (a: Place, b: Place): boolean => a.topic === b.topic && a.partition === b.partition;

/** @param noted a partition that is not among them is new, and read from its start. */
export const spansFrom = (noted: readonly PartitionAt[], ends: readonly PartitionAt[]): readonly Span[] =>
  ends.map(({ offset: to, ...place }) => ({ ...place, from: offsetIn(noted, place), to }));

const offsetIn = (noted: readonly PartitionAt[], place: Place): number =>
  noted.find((one) => isSame(one, place))?.offset ?? 0;
