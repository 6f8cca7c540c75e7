/**
 * plans.consensus → execution.tickets, read by two groups as in the contract; marks in Redis
 * (`decision:processing`, 300 s, and `decision:processed`, a day) ensure that only the first group makes the
 * tickets.
 */
import { Redis } from 'ioredis';
import type { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import { reportProblem } from '../program.ts';
import { EXECUTION_TICKETS, PLANS_CONSENSUS } from '../topics.ts';
import type { HiveConfig } from './config.ts';
import type { ConsolidatedDecision } from './decision.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { type IncomingRecord, RecordConsumer } from './record-consumer.ts';
import { ticketsFor } from './ticket.ts';

const GROUPS = ['orchestrator-dynamic', 'orchestrator-dynamic-flow-c'] as const;
const PROCESSING_SECONDS = 300;
const PROCESSED_SECONDS = 86_400;
const REDIS_TIMEOUT_MS = 5000;

export class Orchestrator {
  readonly consumers: readonly RecordConsumer[];
  readonly #redis: Redis;
  readonly #producer: IdempotentProducer;
  readonly #deliveryTimeoutMs: number;

  constructor(config: HiveConfig, clients: KafkaClients, producer: IdempotentProducer) {
    this.#producer = producer;
    this.#deliveryTimeoutMs = config.kafka.deliveryTimeoutMs;
    this.#redis = new Redis({
      ...config.redis,
      connectTimeout: REDIS_TIMEOUT_MS,
      commandTimeout: REDIS_TIMEOUT_MS,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 200,
      disableClientInfo: true,
      lazyConnect: true,
    });
    this.#redis.on('error', () => undefined);
    this.consumers = GROUPS.map(
      (groupId) =>
        new RecordConsumer({
          clients,
          groupId,
          topics: [PLANS_CONSENSUS],
          sessionTimeoutMs: config.kafka.sessionTimeoutMs,
          paceMs: 0,
          handle: (record) => this.#orchestrate(record),
        }),
    );
  }

  async start(assignmentTimeoutMs: number): Promise<void> {
    await this.#redis.connect();
    await Promise.all(this.consumers.map((consumer) => consumer.start(assignmentTimeoutMs)));
  }

  /** @throws when Redis does not answer. */
  async ping(): Promise<void> {
    await this.#redis.ping();
  }

  async stop(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    this.#redis.disconnect();
  }

  /**
   * A decision that is not approved, or needs a person, is committed and skipped. A failure of Redis or Kafka
   * is retried.
   */
  async #orchestrate(record: IncomingRecord): Promise<'committed'> {
    const decision = JSON.parse(record.value.toString('utf8')) as ConsolidatedDecision;
    if (decision.final_decision !== 'approve' || decision.requires_human_review) return 'committed';
    const id = decision.decision_id;
    if ((await this.#redis.exists(`decision:processed:${id}`)) === 1) return 'committed';
    const mark = `decision:processing:${id}`;
    if ((await this.#redis.set(mark, '1', 'EX', PROCESSING_SECONDS, 'NX')) !== 'OK') return 'committed';
    try {
      await this.#publish(decision);
    } catch (error) {
      // Without its mark either group can process the decision again.
      await this.#redis
        .del(mark)
        .catch((late: unknown) => reportProblem(`orchestrator: ${mark} stays`, late));
      throw error;
    }
    await this.#redis.setex(`decision:processed:${id}`, PROCESSED_SECONDS, '1');
    return 'committed';
  }

  async #publish(decision: ConsolidatedDecision): Promise<void> {
    const records = ticketsFor(decision, Date.now()).map((ticket) => ({
      topic: EXECUTION_TICKETS,
      key: ticket.plan_id || ticket.intent_id || ticket.ticket_id,
      value: Buffer.from(JSON.stringify(ticket)),
      headers: {},
    }));
    const untilMs = performance.now() + this.#deliveryTimeoutMs;
    await this.#producer.publish(records, { gzip: true, untilMs });
  }
}
