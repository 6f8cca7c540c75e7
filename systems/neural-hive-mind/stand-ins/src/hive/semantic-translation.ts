/**
 * intentions.* → plans.ready, in one Kafka transaction per plan. Offsets are committed separately (the real
 * service hard-codes enable.auto.commit), so an intention whose publishing fails is lost, and reported.
 */

import type { ClusterView } from '../kafka/cluster-view.ts';
import { TransactionalProducer } from '../kafka/transactional-producer.ts';
import { reportProblem } from '../program.ts';
import { APPROVAL_REQUESTS, INTENT_TOPICS, PLANS_READY } from '../topics.ts';
import { type Intention, planFor } from './cognitive-plan.ts';
import type { HiveConfig } from './config.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { type IncomingRecord, RecordConsumer } from './record-consumer.ts';

export class SemanticTranslation {
  readonly consumer: RecordConsumer;
  readonly #config: HiveConfig;
  readonly #producer: TransactionalProducer;

  constructor(config: HiveConfig, clients: KafkaClients, cluster: ClusterView) {
    this.#config = config;
    this.#producer = new TransactionalProducer(cluster, {
      // semantic-translation-engine-{HOSTNAME}-{POD_UID}: both survive a restart of the container.
      transactionalId: `semantic-translation-engine-${config.instance}`,
      transactionTimeoutMs: 60_000,
    });
    this.consumer = new RecordConsumer({
      clients,
      groupId: 'semantic-translation-engine',
      topics: Object.values(INTENT_TOPICS),
      sessionTimeoutMs: config.kafka.sessionTimeoutMs,
      paceMs: 1000 / config.plansPerSecond,
      handle: (record) => this.#translate(record),
    });
  }

  async start(): Promise<void> {
    const until = performance.now() + this.#config.assignmentTimeoutMs;
    await this.#producer.init(until);
    await this.consumer.start(this.#config.assignmentTimeoutMs);
  }

  async #translate(record: IncomingRecord): Promise<'committed'> {
    try {
      const intention = JSON.parse(record.value.toString('utf8')) as Intention;
      const plan = planFor(intention, Date.now());
      await this.#publish({
        topic: plan.requires_approval ? APPROVAL_REQUESTS : PLANS_READY,
        key: plan.original_domain,
        value: Buffer.from(JSON.stringify(plan)),
        headers: {
          'plan-id': plan.plan_id,
          'intent-id': plan.intent_id,
          'correlation-id': plan.correlation_id ?? '',
        },
      });
    } catch (error) {
      reportProblem('semantic translation: an intention is lost', error);
    }
    return 'committed';
  }

  async #publish(record: Parameters<TransactionalProducer['publish']>[0]): Promise<void> {
    const until = performance.now() + this.#config.kafka.deliveryTimeoutMs;
    try {
      await this.#producer.publish(record, until);
    } catch (error) {
      await this.#producer.abort(until).catch(() => undefined);
      throw error;
    }
  }
}
