/**
 * A consumer group member that processes one record at a time, at a limited rate. Between records it waits
 * inside the batch, which costs no CPU and no refetching, and sends heartbeats meanwhile. Fetches are small,
 * so few records are held.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { reportProblem } from '../program.ts';
import type { KafkaClients } from './kafka-clients.ts';

export interface IncomingRecord {
  readonly topic: string;
  readonly value: Buffer;
  /** The text of a header, or null. */
  header(name: string): string | null;
}

export interface ConsumerOptions {
  readonly clients: KafkaClients;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  /** Minimum time between two records. */
  readonly paceMs: number;
  /**
   * `committed`: the offset counts as consumed. `skipped`: it does not, and the record comes again unless a
   * later one of its partition passes it. If it throws, the member restarts from the last committed offset.
   */
  readonly handle: (record: IncomingRecord) => Promise<'committed' | 'skipped'>;
}

const FETCH_BYTES = 16 * 1024;

export class RecordConsumer {
  readonly #options: ConsumerOptions;
  readonly #consumer: Consumer;
  #assigned = false;
  #stopped = false;

  constructor(options: ConsumerOptions) {
    const { clients, groupId, sessionTimeoutMs } = options;
    this.#options = options;
    this.#consumer = clients.kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 4),
      rebalanceTimeout: 2 * sessionTimeoutMs,
      maxWaitTimeInMs: 1000,
      maxBytesPerPartition: FETCH_BYTES,
      metadataMaxAge: 30_000,
    });
    clients.guard(this.#consumer);
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => {
      this.#assigned = true;
    });
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      this.#assigned = false;
      reportProblem(`consumer ${groupId}`, payload.error);
    });
  }

  /** True while it is a member of its group and reads. */
  get reading(): boolean {
    return this.#assigned && !this.#stopped;
  }

  /** Joins the group. @throws when it has no partitions in time. */
  async start(assignmentTimeoutMs: number): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    const joined = new Promise<void>((resolve) => {
      const off = this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => {
        off();
        resolve();
      });
    });
    await this.#consumer.run({
      eachBatchAutoResolve: false,
      autoCommitInterval: 500,
      eachBatch: (batch) => this.#takeBatch(batch),
    });
    const late = sleep(assignmentTimeoutMs, 'late' as const, { ref: false });
    if ((await Promise.race([joined, late])) === 'late') {
      throw new Error(`${this.#options.groupId}: no partition assigned within ${assignmentTimeoutMs} ms`);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#consumer.disconnect();
  }

  async #takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset, commitOffsetsIfNecessary } = payload;
    // A record can take longer than a session (a specialist that does not answer): heartbeats continue
    // meanwhile.
    const beat = setInterval(() => {
      heartbeat().catch(() => undefined);
    }, this.#options.sessionTimeoutMs / 4);
    try {
      for (const message of batch.messages) {
        if (!isRunning() || isStale() || this.#stopped) return;
        const next = performance.now() + this.#options.paceMs;
        const outcome = await this.#options.handle({
          topic: batch.topic,
          value: message.value ?? Buffer.alloc(0),
          header: (name) => message.headers?.[name]?.toString() ?? null,
        });
        if (outcome === 'committed') resolveOffset(message.offset);
        await heartbeat();
        await commitOffsetsIfNecessary();
        const waitMs = next - performance.now();
        if (waitMs > 0) await sleep(waitMs);
      }
    } finally {
      clearInterval(beat);
    }
  }
}
