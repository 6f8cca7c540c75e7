/**
 * Records of the topics of paths as lines of `stages.ndjson`: each with the iteration that it belongs to, by
 * the request's own id or by one that an earlier record carries.
 */
import type { PathPlan, StageRow, StageTopic } from '../../core/paths.ts';
import { iterationOf, type RunOfIds } from '../../core/records.ts';
import { type IdsOfName, KnownIds } from '../../measure/paths/known-ids.ts';
import type { KafkaRecord } from '../../protocols/kafka/kafka-record.ts';
import { piecesOf } from '../../targets/records/carried-id.ts';
import type { PartitionAt } from '../../targets/records/end-offsets.ts';
import {
  type StageQuestion,
  type StageRecord,
  stageQuestion,
  stageRecord,
} from '../../targets/records/stage-record.ts';
import { UnreadRecords } from '../../targets/records/unread-records.ts';
import type { RecordValues } from '../../targets/schemas/record-values.ts';
import { OwnNumbers } from './own-numbers.ts';

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

/** A partition; there is one object of each. */
interface Source extends Place {
  readonly topic: string;
  readonly reads: TopicIds;
}

/** A topic with its question, and where the ids are that it has or says. */
interface TopicIds {
  readonly question: StageQuestion;
  /** Undefined: it has the id of the request itself. */
  readonly by: Ids | undefined;
  readonly carries: readonly Ids[];
  readonly counts: Counts;
}

type Ids = IdsOfName<Owner, Known>;

interface Known {
  readonly source: Source;
  readonly offset: number;
  readonly at: number;
  readonly read: StageRecord;
}

interface Counts {
  own: number;
  foreign: number;
  without: number;
  /** By place in `carries`, records of a request that should carry that id and do not. */
  readonly bare: number[];
}

/** Lines of one reading while they grow. */
type Rows = Map<Source, Row>;

interface Row {
  readonly own: Map<string, OwnNumbers>;
  foreign: number;
  without: number;
}

export class StageRows {
  readonly #options: StageRowsOptions;
  readonly #ids = new KnownIds<Owner, Known>(
    (a, b) => a.flow === b.flow && a.vu === b.vu && a.iteration === b.iteration,
  );
  readonly #topics: ReadonlyMap<string, TopicIds>;
  readonly #sources = new Map<string, Source>();
  readonly #unread = new UnreadRecords();

  constructor(options: StageRowsOptions) {
    this.#options = options;
    this.#topics = new Map(questionsOf(options.paths).map((one) => [one.topic.name, this.#idsOf(one)]));
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** The header by which a topic knows requests; undefined: it has another place, or other ids. */
  headerOf(topic: string): string | undefined {
    const { correlation, by } = this.#topics.get(topic)?.question.topic ?? {};
    return by === undefined && correlation && 'header' in correlation ? correlation.header : undefined;
  }

  /** @param records of one partition, in its order. */
  async take(place: Place, records: readonly KafkaRecord[]): Promise<readonly StageRow[]> {
    const source = this.#sourceOf(place);
    if (source === undefined || records.length === 0) return [];
    await this.#options.values.prepare(piecesOf(records, source.reads.question.needs));
    return this.#read(source, records);
  }

  #read(source: Source, records: readonly KafkaRecord[]): readonly StageRow[] {
    const { values } = this.#options;
    const { question, by, counts } = source.reads;
    const rows: Rows = new Map();
    const row = rowOf(rows, source);
    for (const record of records) {
      const read = stageRecord(record, question, values);
      const { id } = read;
      if (read.unread) this.#unread.add(source.topic, read.unread);
      if (id === undefined) {
        row.without += 1;
        continue;
      }
      const known: Known = { source, offset: record.offset, at: record.at, read };
      const owner = by === undefined ? this.#ownerOf(id) : by.find(id);
      if (owner !== undefined) this.#settle(known, owner, rows);
      else if (by === undefined) row.foreign += 1;
      else by.wait(id, known);
    }
    counts.foreign += row.foreign;
    counts.without += row.without;
    return linesOf(rows);
  }

  /** When all was read: what belongs to nobody, and why not everything is known. */
  rest(): readonly StageRow[] {
    const rows: Rows = new Map();
    for (const { source } of this.#ids.left()) {
      rowOf(rows, source).foreign += 1;
      source.reads.counts.foreign += 1;
    }
    const open = [...this.#unread.words(), ...this.#sharedWords(), ...this.#countWords()];
    return [...linesOf(rows), ...open.map((why) => ({ kind: 'open', why }) as const)];
  }

  /** Undefined: it is of nobody in this run. */
  #ownerOf(id: string): Owner | undefined {
    const { run, flows } = this.#options;
    const found = iterationOf(id, run);
    const flow = found && flows.get(found.executor);
    return found && flow !== undefined ? { flow, vu: found.vu, iteration: found.iteration } : undefined;
  }

  /** The record, and those that are known by it. */
  #settle(first: Known, owner: Owner, rows: Rows): void {
    const open = [first];
    for (let known = open.pop(); known !== undefined; known = open.pop()) {
      const { source, offset, at, read } = known;
      const { counts } = source.reads;
      ownOf(rowOf(rows, source), owner.flow).add(owner.vu, owner.iteration, offset, at, read.mark, read.ends);
      counts.own += 1;
      if (read.carried) open.push(...this.#learn(read, read.carried, owner, source.reads));
    }
  }

  /** The ids that a record of a request carries. @returns what waited for them. */
  #learn(
    read: StageRecord,
    carried: readonly (string | undefined)[],
    owner: Owner,
    { carries, counts }: TopicIds,
  ): readonly Known[] {
    const freed: Known[] = [];
    for (let index = 0; index < carries.length; index += 1) {
      const id = carried[index];
      if (id !== undefined) freed.push(...(carries[index]?.learn(id, owner) ?? []));
      // Nothing comes behind a last record.
      else if (read.ends === 0 && read.unread === undefined)
        counts.bare[index] = (counts.bare[index] ?? 0) + 1;
    }
    return freed;
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
    return [...this.#topics].flatMap(([topic, { question, counts }]) => {
      const { own, foreign, without, bare } = counts;
      const { by } = question.topic;
      const missing = question.carried.flatMap(([name], index) => {
        const count = bare[index] ?? 0;
        return count === 0 ? [] : [bareWords(topic, name, count)];
      });
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

  /** Undefined: no path has its topic. */
  #sourceOf({ topic, partition }: Place): Source | undefined {
    const key = `${topic}/${partition}`;
    const [known, reads] = [this.#sources.get(key), this.#topics.get(topic)];
    if (known || !reads) return known;
    const made: Source = { topic, partition, reads };
    this.#sources.set(key, made);
    return made;
  }

  #idsOf(question: StageQuestion): TopicIds {
    const { by } = question.topic;
    return {
      question,
      by: by === undefined ? undefined : this.#ids.named(by),
      carries: question.carried.map(([name]) => this.#ids.named(name)),
      counts: { own: 0, foreign: 0, without: 0, bare: [] },
    };
  }
}

const bareWords = (topic: string, name: string, count: number): string =>
  `${count === 1 ? '1 record' : `${count} records`} in ${topic} ${count === 1 ? 'carries' : 'carry'} no ${name}: ` +
  "see its carries in the system's file";

function rowOf(rows: Rows, source: Source): Row {
  const known = rows.get(source);
  if (known) return known;
  const made: Row = { own: new Map(), foreign: 0, without: 0 };
  rows.set(source, made);
  return made;
}

function ownOf({ own }: Row, flow: string): OwnNumbers {
  const known = own.get(flow);
  if (known) return known;
  const made = new OwnNumbers();
  own.set(flow, made);
  return made;
}

const linesOf = (rows: Rows): readonly StageRow[] =>
  [...rows].map(([{ topic, partition }, { own, foreign, without }]) => ({
    ...{ kind: 'read', topic, partition },
    own: Object.fromEntries([...own].map(([flow, numbers]) => [flow, numbers.list()])),
    ...{ foreign, without },
  }));

function questionsOf(paths: readonly PathPlan[]): readonly StageQuestion[] {
  const topics = new Map<string, StageTopic>();
  for (const one of paths.flatMap((path) => path.stages.flatMap(({ topics: own }) => own)))
    topics.set(one.name, one);
  return [...topics].map(([name, topic]) =>
    stageQuestion(
      topic,
      paths.map(({ stages }) => stages.find((stage) => stage.topics.some((one) => one.name === name))?.ends),
    ),
  );
}
