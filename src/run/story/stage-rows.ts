/**
 * Records of the topics of paths as lines of `stages.ndjson`: each with the iteration that it belongs to, by
 * the request's own id or by one that an earlier record carries.
 */
import type { PathPlan, StageRow, StageTopic } from '../../core/paths.ts';
import { iterationOf, type RunOfIds } from '../../core/records.ts';
import { KnownIds } from '../../measure/paths/known-ids.ts';
import type { KafkaRecord } from '../../protocols/kafka/record-batches.ts';
import { bytesOf } from '../../targets/records/carried-id.ts';
import type { PartitionAt } from '../../targets/records/end-offsets.ts';
import {
  type StageQuestion,
  type StageRecord,
  stageQuestion,
  stageRecord,
} from '../../targets/records/stage-record.ts';
import { UnreadRecords } from '../../targets/records/unread-records.ts';
import type { RecordValues } from '../../targets/schemas/record-values.ts';

export interface StageRowsOptions {
  readonly paths: readonly PathPlan[];
  readonly run: RunOfIds;
  /** Of the load: by executor. */
  readonly flows: ReadonlyMap<string, string>;
  readonly values: RecordValues;
}

type Place = Pick<PartitionAt, 'topic' | 'partition'>;

interface Owner {
  readonly flow: string;
  readonly vu: number;
  readonly iteration: number;
}

interface Known {
  readonly place: Place;
  readonly offset: number;
  readonly at: number;
  readonly read: StageRecord;
}

interface Counts {
  own: number;
  foreign: number;
  without: number;
  /** By the name of an id, records of a request that should carry one and do not. */
  readonly bare: Map<string, number>;
}

/** Rows of one reading, by partition. */
type Rows = Map<string, ReadRow>;

interface ReadRow extends Extract<StageRow, { kind: 'read' }> {
  readonly own: Record<string, number[]>;
}

export class StageRows {
  readonly #options: StageRowsOptions;
  readonly #questions: ReadonlyMap<string, StageQuestion>;
  readonly #ids = new KnownIds<Owner, Known>(
    (a, b) => a.flow === b.flow && a.vu === b.vu && a.iteration === b.iteration,
  );
  readonly #unread = new UnreadRecords();
  readonly #counts = new Map<string, Counts>();

  constructor(options: StageRowsOptions) {
    this.#options = options;
    this.#questions = questionsOf(options.paths);
  }

  get topics(): readonly string[] {
    return [...this.#questions.keys()];
  }

  /** @param records of one partition, in its order. */
  async take(place: Place, records: readonly KafkaRecord[]): Promise<readonly StageRow[]> {
    const question = this.#questions.get(place.topic);
    if (question === undefined || records.length === 0) return [];
    const { values } = this.#options;
    await values.prepare(bytesOf(records, question.needs));
    const rows: Rows = new Map();
    const row = rowOf(rows, place);
    let [foreign, without] = [0, 0];
    for (const record of records) {
      const read = stageRecord(record, question, values);
      if (read.unread) this.#unread.add(place.topic, read.unread);
      const known: Known = { place, offset: record.offset, at: record.at, read };
      const owner = this.#ownerOf(known, question.topic);
      if (owner === 'waits') continue;
      if (owner !== undefined) this.#settle(known, owner, rows);
      else if (read.id === undefined) without += 1;
      else foreign += 1;
    }
    rows.set(keyOf(place), { ...row, foreign, without });
    const counts = this.#countsOf(place.topic);
    counts.foreign += foreign;
    counts.without += without;
    return [...rows.values()];
  }

  /** When all was read: what belongs to nobody, and why not everything is known. */
  rest(): readonly StageRow[] {
    const rows: Rows = new Map();
    for (const { place } of this.#ids.left()) {
      const row = rowOf(rows, place);
      rows.set(keyOf(place), { ...row, foreign: row.foreign + 1 });
      this.#countsOf(place.topic).foreign += 1;
    }
    const open = [...this.#unread.words(), ...this.#sharedWords(), ...this.#countWords()];
    return [...rows.values(), ...open.map((why) => ({ kind: 'open', why }) as const)];
  }

  /** Undefined: it is of nobody in this run. */
  #ownerOf(known: Known, { by }: StageTopic): Owner | 'waits' | undefined {
    const { id } = known.read;
    if (id === undefined) return undefined;
    if (by !== undefined) {
      const owner = this.#ids.find(by, id);
      if (owner === undefined) this.#ids.wait(by, id, known);
      return owner ?? 'waits';
    }
    const { run, flows } = this.#options;
    const found = iterationOf(id, run);
    const flow = found && flows.get(found.executor);
    return found && flow !== undefined ? { flow, vu: found.vu, iteration: found.iteration } : undefined;
  }

  /** The record, and those that are known by it. */
  #settle(first: Known, owner: Owner, rows: Rows): void {
    const open = [first];
    for (let known = open.pop(); known !== undefined; known = open.pop()) {
      const { place, offset, at, read } = known;
      const { own } = rowOf(rows, place);
      own[owner.flow] ??= [];
      own[owner.flow]?.push(owner.vu, owner.iteration, offset, at, read.mark, read.ends);
      const counts = this.#countsOf(place.topic);
      counts.own += 1;
      for (const [name, id] of read.carried)
        if (id !== undefined) open.push(...this.#ids.learn(name, id, owner));
        // Nothing comes behind a last record.
        else if (read.ends === 0 && read.unread === undefined)
          counts.bare.set(name, (counts.bare.get(name) ?? 0) + 1);
    }
  }

  #sharedWords(): readonly string[] {
    return this.#ids
      .shared()
      .map(
        ([name, count]) =>
          `${count === 1 ? '1 id' : `${count} ids`} by the name ${name} ${count === 1 ? 'is' : 'are'} carried by ` +
          'records of several requests, and a record of it is followed for the first of them alone',
      );
  }

  /** A wrong place in the file looks like a loss of everything. */
  #countWords(): readonly string[] {
    return [...this.#counts].flatMap(([topic, { own, foreign, without, bare }]) => {
      const by = this.#questions.get(topic)?.topic.by;
      const missing = [...bare].map(
        ([name, count]) =>
          `${count === 1 ? '1 record' : `${count} records`} in ${topic} ${count === 1 ? 'carries' : 'carry'} no ${name}: ` +
          "see its carries in the system's file",
      );
      if (own > 0 || (by === undefined && foreign > 0) || foreign + without === 0) return missing;
      const all = `none of ${foreign + without} records in ${topic}`;
      return [
        ...missing,
        by === undefined || foreign === 0
          ? `${all} has an id: see its correlation in the system's file`
          : `${all} has an id ${by} that an earlier record carries: see carries and by in the system's file`,
      ];
    });
  }

  #countsOf(topic: string): Counts {
    const known = this.#counts.get(topic);
    if (known) return known;
    const made: Counts = { own: 0, foreign: 0, without: 0, bare: new Map() };
    this.#counts.set(topic, made);
    return made;
  }
}

const keyOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

function rowOf(rows: Rows, { topic, partition }: Place): ReadRow {
  const key = keyOf({ topic, partition });
  const known = rows.get(key);
  if (known) return known;
  const made: ReadRow = { kind: 'read', topic, partition, own: {}, foreign: 0, without: 0 };
  rows.set(key, made);
  return made;
}

function questionsOf(paths: readonly PathPlan[]): ReadonlyMap<string, StageQuestion> {
  const topics = new Map<string, StageTopic>();
  for (const one of paths.flatMap((path) => path.stages.flatMap(({ topics: own }) => own)))
    topics.set(one.name, one);
  return new Map(
    [...topics].map(([name, topic]) => [
      name,
      stageQuestion(
        topic,
        paths.map(
          ({ stages }) => stages.find((stage) => stage.topics.some((one) => one.name === name))?.ends,
        ),
      ),
    ]),
  );
}
