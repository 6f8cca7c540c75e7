/**
 * plans.consensus → execution.tickets, read by two groups as in the contract; marks in Redis
 * (`decision:processing`, 300 s, and `decision:processed`, a day) ensure that only the first group makes the
 * tickets.
 */
import type { Redis } from 'ioredis';
import type { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import { reportProblem } from '../program.ts';
import { EXECUTION_TICKETS, PLANS_CONSENSUS } from '../topics.ts';
import type { HiveConfig } from './config.ts';
import type { ConsolidatedDecision } from './decision.ts';
import { Executions, type Workflow } from './executions.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { type IncomingRecord, RecordConsumer } from './record-consumer.ts';
import { redisOf } from './stage.ts';
import { type ExecutionTicket, ticketsFor } from './ticket.ts';

const GROUPS = ['orchestrator-dynamic', 'orchestrator-dynamic-flow-c'] as const;
const PROCESSING_SECONDS = 300;
const PROCESSED_SECONDS = 86_400;

export class Orchestrator {
  readonly consumers: readonly RecordConsumer[];
  readonly executions = new Executions();
  readonly #redis: Redis;
  readonly #producer: IdempotentProducer;
  readonly #deliveryTimeoutMs: number;

  constructor(config: HiveConfig, clients: KafkaClients, producer: IdempotentProducer) {
    this.#producer = producer;
    this.#deliveryTimeoutMs = config.kafka.deliveryTimeoutMs;
    this.#redis = redisOf(config);
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
    const workflow = this.executions.begin(`orch-${decision.plan_id}`, decision.plan_id, 5, Date.now());
    try {
      await this.#execute(workflow, ticketsFor(decision, Date.now()));
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

  /**
   * As `POST /api/v1/workflows/start`: the answer does not wait for the tickets, and their failure is seen only
   * in the workflow.
   */
  startWorkflow(plan: object, correlationId: string, priority: number): Workflow {
    const given = plan as Partial<Readonly<Record<string, unknown>>>;
    const whole = {
      ...{ plan_id: 'unknown', intent_id: 'unknown', correlation_id: correlationId, tasks: [] },
      ...{ risk_band: 'low', original_priority: 'normal', original_security_level: 'internal' },
      ...given,
    };
    const now = Date.now();
    const workflow = this.executions.begin(
      `orch-flow-c-${correlationId}`,
      String(whole.plan_id),
      priority,
      now,
    );
    const decision_id = String(given['decision_id'] ?? correlationId);
    const make = async (): Promise<void> =>
      this.#execute(workflow, ticketsFor({ decision_id, cognitive_plan: JSON.stringify(whole) }, now));
    make().catch((error: unknown) => reportProblem(`orchestrator: workflow ${workflow.id}`, error));
    return workflow;
  }

  /** Null when Redis has nothing, or no answer: the cache is optional. */
  async cached(key: string): Promise<unknown> {
    const text = await this.#redis.get(key).catch(() => null);
    return text === null ? null : JSON.parse(text);
  }

  async cache(key: string, value: unknown, seconds: number): Promise<void> {
    await this.#redis.setex(key, seconds, JSON.stringify(value)).catch(() => undefined);
  }

  async #execute(workflow: Workflow, tickets: readonly ExecutionTicket[]): Promise<void> {
    try {
      await this.#publish(tickets);
      this.executions.complete(workflow, tickets, Date.now());
    } catch (error) {
      this.executions.fail(workflow, Date.now());
      throw error;
    }
  }

  async #publish(tickets: readonly ExecutionTicket[]): Promise<void> {
    const records = tickets.map((ticket) => ({
      topic: EXECUTION_TICKETS,
      key: ticket.plan_id || ticket.intent_id || ticket.ticket_id,
      value: Buffer.from(JSON.stringify(ticket)),
      headers: {},
    }));
    const untilMs = performance.now() + this.#deliveryTimeoutMs;
    await this.#producer.publish(records, { gzip: true, untilMs });
  }
}
