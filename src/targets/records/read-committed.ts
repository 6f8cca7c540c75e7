/**
 * Reads committed records from noted offsets up to where the partitions end now. One request at a time, after
 * the load: no broker is busy with it while the run measures, and what is read is what is left of the log in
 * the end, also after an election that lost a part of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import { type Fetched, fetchRequest, readFetched } from '../../protocols/kafka/fetch.ts';
import type { KafkaRecord } from '../../protocols/kafka/kafka-record.ts';
import { readBatches } from '../../protocols/kafka/record-batches.ts';
import { listOffsetsRequest, readEndOffsets } from '../../protocols/kafka/requests.ts';
import type { PartitionAt } from './end-offsets.ts';
import type { Leaders, Led } from './leaders.ts';

/** What one answer holds is garbage soon after: more at once would live long enough to be moved about. */
const LIMITS = { waitMs: 250, bytes: 1024 * 1024 };
const ANSWER_MS = 10_000;
const RETRY_MS = 200;
const OUT_OF_RANGE = 1;

export interface Span {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  /** Behind the last offset. */
  readonly to: number;
}

export interface ReadOptions {
  readonly leaders: Leaders;
  readonly spans: readonly Span[];
  /** How long no partition may move before what is left is given up. */
  readonly patienceMs: number;
  /** How long all of it may take. */
  readonly longestMs: number;
  readonly signal: AbortSignal;
  /** Each answer: its records in order, and how many of aborted transactions it had. */
  take(
    place: Omit<Span, 'from' | 'to'>,
    records: readonly KafkaRecord[],
    aborted: number,
  ): Promise<void> | void;
}

export interface ReadEnd {
  readonly reached: readonly PartitionAt[];
  readonly open: readonly NotRead[];
}

export interface NotRead {
  readonly topic: string;
  /** As a sentence. */
  readonly why: string;
}

interface Lane {
  readonly span: Span;
  at: number;
  why: string;
  isOver: boolean;
}

export async function readCommitted(options: ReadOptions): Promise<ReadEnd> {
  const lanes = options.spans.map((span): Lane => ({ span, at: span.from, why: '', isOver: false }));
  const open: NotRead[] = [];
  const { signal, patienceMs, longestMs } = options;
  const longest = performance.now() + longestMs;
  let moved = performance.now();
  // Asked again only when nothing moves: an election is rare.
  let led: readonly Led[] | undefined;
  for (;;) {
    const pending = lanes.filter(({ span, at, isOver }) => !isOver && at < span.to);
    if (pending.length === 0) break;
    const now = performance.now();
    if (signal.aborted || now > longest || now - moved > patienceMs) {
      const why = signal.aborted
        ? 'the run was interrupted'
        : now > longest
          ? 'the time for it was over'
          : '';
      open.push(...pending.map((lane) => notRead(lane, why)));
      break;
    }
    led ??= await options.leaders.view().catch((error: unknown) => {
      for (const lane of pending) lane.why = messageOf(error);
      return undefined;
    });
    if (led !== undefined && (await round(led, pending, options, open))) moved = performance.now();
    else {
      led = undefined;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  const reached = lanes.map(({ span: { topic, partition }, at }) => ({ topic, partition, offset: at }));
  return { reached, open };
}

const notRead = ({ span: { topic, partition, to }, at, why }: Lane, otherwise: string): NotRead => ({
  topic,
  why: `${topic}/${partition} was read up to offset ${at} of ${to}: ${otherwise || why || 'the broker sent nothing'}`,
});

/** One request to each leader. @returns whether anything was read. */
async function round(
  led: readonly Led[],
  pending: readonly Lane[],
  options: ReadOptions,
  open: NotRead[],
): Promise<boolean> {
  let moved = false;
  const leaderOf = ({ span }: Lane): number =>
    led.find((one) => one.topic === span.topic && one.partition === span.partition)?.leader ?? -1;
  for (const leader of new Set(pending.map(leaderOf))) {
    const own = pending.filter((lane) => leaderOf(lane) === leader);
    const from = own.map(({ span, at }) => ({ topic: span.topic, partition: span.partition, offset: at }));
    const request = fetchRequest(from, LIMITS);
    try {
      const skipping: Lane[] = [];
      for (const one of readFetched(await options.leaders.ask(leader, request, ANSWER_MS))) {
        const lane = own.find((it) => it.span.topic === one.topic && it.span.partition === one.partition);
        if (lane && one.error === OUT_OF_RANGE) skipping.push(lane);
        else if (lane && (await taken(lane, leader, one, options, open))) moved = true;
      }
      // The next question to this broker ends the life of its answer.
      for (const lane of skipping) if (await skipped(lane, leader, options, open)) moved = true;
    } catch (error) {
      for (const lane of own) lane.why = messageOf(error);
    }
  }
  return moved;
}

async function taken(
  lane: Lane,
  leader: number,
  fetched: Fetched,
  options: ReadOptions,
  open: NotRead[],
): Promise<boolean> {
  const { topic, partition, to } = lane.span;
  if (fetched.error !== 0) {
    lane.why = `broker ${leader} answered error ${fetched.error}`;
    return false;
  }
  const records: KafkaRecord[] = [];
  let read: ReturnType<typeof readBatches>;
  try {
    const { batches, aborted } = fetched;
    read = readBatches({ batches, aborted, from: lane.at }, (record) => void records.push(record));
  } catch (error) {
    lane.isOver = true;
    open.push(notRead({ ...lane, why: messageOf(error) }, ''));
    return false;
  }
  await options.take({ topic, partition }, records, read.aborted);
  if (fetched.lastStable < to) lane.why = `a transaction is open at offset ${fetched.lastStable}`;
  if (read.next === null || read.next <= lane.at) return false;
  lane.at = read.next;
  return true;
}

/** The log does not have the offset any more, or not yet again. */
async function skipped(lane: Lane, leader: number, options: ReadOptions, open: NotRead[]): Promise<boolean> {
  const { topic, partition, to } = lane.span;
  const offsetOf = async (which: 'start' | 'end'): Promise<number> => {
    const request = listOffsetsRequest(topic, [partition], which);
    return Number(
      readEndOffsets(await options.leaders.ask(leader, request, ANSWER_MS)).get(partition) ?? -1n,
    );
  };
  const start = await offsetOf('start');
  if (start > lane.at) {
    const why = `${topic}/${partition}: the broker had deleted offsets ${lane.at} to ${start - 1} by then`;
    open.push({ topic, why });
    lane.at = start;
    return true;
  }
  const end = await offsetOf('end');
  lane.why = `the log ends at offset ${end}, and had reached ${to}`;
  return false;
}
