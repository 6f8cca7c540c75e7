/**
 * What was committed to Kafka while the run sent its load: end offsets are noted before the load, and read up
 * to when it is over. Trouble with either is a line of the file and never ends the run: objectives on records
 * are then open.
 */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { iterationOf, type RecordRow, type RecordsPlan } from '../../core/records.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import { bytesOf, idAt, needsOf, readCarrier } from '../../targets/records/carried-id.ts';
import { endOffsets, type PartitionAt } from '../../targets/records/end-offsets.ts';
import { Leaders } from '../../targets/records/leaders.ts';
import { type ReadOptions, readCommitted } from '../../targets/records/read-committed.ts';
import { UnreadRecords } from '../../targets/records/unread-records.ts';
import type { RecordValues } from '../../targets/schemas/record-values.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { PathLedger } from './path-ledger.ts';
import { type GuardedFile, openGuardedFile } from './recorder.ts';

/** A broker that is elected or restarted answers within this. */
const ENDS_MS = 15_000;
/** A service may commit a moment after it has answered. */
const GRACE_MS = ms(2000);
/** A transaction that its producer left open is aborted after 60 s, and the broker looks every 10 s. */
const PATIENCE_MS = 75_000;
const LONGEST_MS = 300_000;

export interface RecordLedgerOptions {
  readonly plan: Plan;
  readonly records: RecordsPlan;
  readonly brokers: readonly KafkaEndpoint[];
  readonly values: RecordValues;
  readonly runDir: string;
  readonly clock: Clock;
  /** Of a person or the system that ends the run. */
  readonly signal: AbortSignal;
  onBroken(error: unknown): void;
}

export class RecordLedger {
  readonly #options: RecordLedgerOptions;
  readonly #file: GuardedFile;
  readonly #leaders: Leaders;
  readonly #flows: ReadonlyMap<string, string>;
  /** Undefined: the plan follows no path. */
  readonly #paths: PathLedger | undefined;
  readonly #open: string[] = [];
  readonly #unread = new UnreadRecords();
  #reached: readonly PartitionAt[] = [];
  #from: readonly PartitionAt[] | undefined;

  constructor(options: RecordLedgerOptions) {
    const { brokers, records, plan, runDir } = options;
    this.#options = options;
    this.#file = openGuardedFile(join(runDir, RUN_FILES.records), (error) => options.onBroken(error));
    this.#leaders = new Leaders(
      brokers,
      records.topics.map((one) => one.name),
    );
    const followed = plan.load.flatMap((one) => one.flows.filter((flow) => flow.records !== undefined));
    this.#flows = new Map(followed.map((one) => [one.executor, one.flow]));
    const { paths } = plan;
    if (paths !== undefined)
      this.#paths = new PathLedger({
        ...{ ...options, paths, flows: this.#flows, run: { run: plan.id, seed: plan.seed } },
      });
  }

  /** Before the first request. */
  async begin(): Promise<void> {
    try {
      this.#from = await endOffsets(this.#leaders, ENDS_MS, this.#options.signal);
      for (const one of this.#from) this.#note({ kind: 'from', ...one });
    } catch (error) {
      this.#isOpen(`before the load, ${messageOf(error)}`);
    }
    await this.#paths?.begin();
  }

  /** After the last answer. */
  async finish(): Promise<void> {
    try {
      if (this.#from !== undefined) await this.#read(this.#from);
    } catch (error) {
      this.#isOpen(`after the load, ${messageOf(error)}`);
    } finally {
      this.#leaders.close();
      this.#file.close();
    }
    await this.#paths?.finish({ open: this.#open, reached: this.#reached });
  }

  #isOpen(why: string): void {
    this.#open.push(why);
    this.#note({ kind: 'open', why });
  }

  async #read(noted: readonly PartitionAt[]): Promise<void> {
    const { clock, signal } = this.#options;
    await clock.sleep(GRACE_MS, signal);
    const ends = await endOffsets(this.#leaders, ENDS_MS, signal);
    const fromOf = ({ topic, partition }: PartitionAt): number =>
      noted.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0;
    const { reached, open } = await readCommitted({
      leaders: this.#leaders,
      spans: ends.map(({ offset, ...place }) => ({
        ...place,
        from: fromOf({ ...place, offset }),
        to: offset,
      })),
      ...{ patienceMs: PATIENCE_MS, longestMs: LONGEST_MS, signal },
      take: (place, records, aborted) => this.#take(place, records, aborted),
    });
    this.#reached = reached;
    for (const one of reached) this.#note({ kind: 'to', ...one });
    for (const { topic, partition } of noted.filter((one) => !reached.some((it) => isSame(it, one))))
      this.#isOpen(`${topic}/${partition} is gone`);
    for (const why of [...open, ...this.#unread.words()]) this.#isOpen(why);
  }

  async #take(...[place, records, aborted]: Parameters<ReadOptions['take']>): Promise<void> {
    const { plan, records: asked, values } = this.#options;
    await this.#paths?.take(place, records);
    const where = asked.topics.find((one) => one.name === place.topic)?.correlation;
    const needs = needsOf(where ? [where] : []);
    await values.prepare(bytesOf(records, needs));
    const own: Record<string, number[]> = {};
    let [foreign, without] = [0, 0];
    for (const record of records) {
      const read = readCarrier(record, needs, values);
      if (read.unread) this.#unread.add(place.topic, read.unread);
      const id = where && idAt(record, read, where);
      const found = id === undefined ? undefined : iterationOf(id, { run: plan.id, seed: plan.seed });
      const flow = found && this.#flows.get(found.executor);
      if (found && flow !== undefined) {
        own[flow] ??= [];
        own[flow].push(found.vu, found.iteration);
      } else if (id === undefined) without += 1;
      else foreign += 1;
    }
    if (records.length > 0 || aborted > 0)
      this.#note({ kind: 'read', ...place, own, foreign, without, aborted });
  }

  #note(row: RecordRow): void {
    this.#file.record(row);
  }
}

const isSame = (a: PartitionAt, b: PartitionAt): boolean =>
  a.topic === b.topic && a.partition === b.partition;
