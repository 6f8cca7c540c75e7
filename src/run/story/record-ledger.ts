/**
 * What was committed to Kafka while the run sent its load: end offsets are noted before the load, and read up
 * to when it is over. Trouble with either is a line of the file and never ends the run: objectives on records
 * are then open.
 */
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { STAGE_NUMBERS, type StageRow } from '../../core/paths.ts';
import type { Plan } from '../../core/plan.ts';
import { iterationOf, type RecordRow, type RecordsPlan } from '../../core/records.ts';
import type { Correlation } from '../../core/system.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { ms } from '../../core/units.ts';
import type { KafkaRecord } from '../../protocols/kafka/kafka-record.ts';
import { idFinder, needsOf, piecesOf, readCarrier } from '../../targets/records/carried-id.ts';
import { endOffsets, type PartitionAt } from '../../targets/records/end-offsets.ts';
import { Leaders } from '../../targets/records/leaders.ts';
import { type ReadOptions, readCommitted } from '../../targets/records/read-committed.ts';
import { UnreadRecords } from '../../targets/records/unread-records.ts';
import type { RecordValues } from '../../targets/schemas/record-values.ts';
import { RUN_FILES } from '../evidence/run-directory.ts';
import { PathLedger, spansFrom } from './path-ledger.ts';
import { type GuardedFile, openGuardedFile } from './recorder.ts';

/** A broker that is elected or restarted answers within this. */
const ENDS_MS = 15_000;
/** A service may commit a moment after it has answered. */
const GRACE_MS = ms(2000);
/** A transaction that its producer left open is aborted after 60 s, and the broker looks every 10 s. */
const PATIENCE_MS = 75_000;
const LONGEST_MS = 300_000;

type Found = Pick<Extract<RecordRow, { kind: 'read' }>, 'own' | 'foreign' | 'without'>;
type Place = Pick<PartitionAt, 'topic' | 'partition'>;

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
  readonly #topics: readonly string[];
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
    this.#topics = records.topics.map((one) => one.name);
    this.#leaders = new Leaders(brokers, this.#topics);
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

  /**
   * The topics of paths beside its own ones: read one after the other, the code would be compiled for the
   * first topic, and anew for each that is not like it, which costs more than the reading.
   */
  async #read(noted: readonly PartitionAt[]): Promise<void> {
    const { clock, signal, brokers } = this.#options;
    await clock.sleep(GRACE_MS, signal);
    const ends = await endOffsets(this.#leaders, ENDS_MS, signal);
    const beside = (await this.#paths?.spans())?.filter((one) => !this.#isOwn(one)) ?? [];
    const topics = [...this.#topics, ...new Set(beside.map((one) => one.topic))];
    const leaders = new Leaders(brokers, topics, { keepsMemory: true });
    try {
      const { reached, open } = await readCommitted({
        leaders,
        spans: [...spansFrom(noted, ends), ...beside],
        ...{ patienceMs: PATIENCE_MS, longestMs: LONGEST_MS, signal },
        take: (place, records, aborted) => this.#take(place, records, aborted),
      });
      this.#reached = reached;
      const own = reached.filter((one) => this.#isOwn(one));
      for (const one of own) this.#note({ kind: 'to', ...one });
      for (const { topic, partition } of noted.filter((one) => !own.some((it) => isSame(it, one))))
        this.#isOpen(`${topic}/${partition} is gone`);
      // Of other topics the path ledger goes on from where this ended.
      for (const { why } of open.filter((one) => this.#isOwn(one))) this.#isOpen(why);
      for (const why of this.#unread.words()) this.#isOpen(why);
    } finally {
      leaders.close();
    }
  }

  #isOwn({ topic }: Pick<Place, 'topic'>): boolean {
    return this.#topics.includes(topic);
  }

  async #take(...[place, records, aborted]: Parameters<ReadOptions['take']>): Promise<void> {
    const lines = (await this.#paths?.take(place, records)) ?? [];
    if (!this.#isOwn(place) || (records.length === 0 && aborted === 0)) return;
    const where = this.#options.records.topics.find((one) => one.name === place.topic)?.correlation;
    // A path that knows the topic by the same header has read each id already.
    const isRead =
      where !== undefined && 'header' in where && this.#paths?.headerOf(place.topic) === where.header;
    const found = (isRead && pairsIn(lines, place)) || (await this.#found(place, records, where));
    this.#note({ kind: 'read', ...place, ...found, aborted });
  }

  async #found(
    { topic }: Place,
    records: readonly KafkaRecord[],
    where: Correlation | undefined,
  ): Promise<Found> {
    const { plan, values } = this.#options;
    const needs = needsOf(where ? [where] : []);
    const idIn = where && idFinder(where);
    await values.prepare(piecesOf(records, needs));
    const own: Record<string, number[]> = {};
    let [foreign, without] = [0, 0];
    for (const record of records) {
      const read = readCarrier(record, needs, values);
      if (read.unread) this.#unread.add(topic, read.unread);
      const id = idIn?.(record, read);
      const found = id === undefined ? undefined : iterationOf(id, { run: plan.id, seed: plan.seed });
      const flow = found && this.#flows.get(found.executor);
      if (found && flow !== undefined) {
        own[flow] ??= [];
        own[flow].push(found.vu, found.iteration);
      } else if (id === undefined) without += 1;
      else foreign += 1;
    }
    return { own, foreign, without };
  }

  #note(row: RecordRow): void {
    this.#file.record(row);
  }
}

/** Of a line of a path what the ledger wants: VU and iteration are the first two of six numbers. */
function pairsIn(lines: readonly StageRow[], { topic, partition }: Place): Found | undefined {
  const line = lines.find((one) => one.kind === 'read' && one.topic === topic && one.partition === partition);
  if (line?.kind !== 'read') return undefined;
  const pairs = Object.entries(line.own).map(([flow, numbers]) => [
    flow,
    numbers.filter((_, at) => at % STAGE_NUMBERS < 2),
  ]);
  return { own: Object.fromEntries(pairs), foreign: line.foreign, without: line.without };
}

const isSame = (a: PartitionAt, b: PartitionAt): boolean =>
  a.topic === b.topic && a.partition === b.partition;
