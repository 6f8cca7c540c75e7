/**
 * Starts the hive: the producers first, then the consumers from the end of the chain to its beginning.
 */
import { messageOf } from '../../../../../src/core/errors.ts';
import { type Reply, serveHttp } from '../http-app.ts';
import { ClusterView } from '../kafka/cluster-view.ts';
import { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import type { Service } from '../program.ts';
import { APPROVAL_REQUESTS, EXECUTION_TICKETS, PLANS_CONSENSUS, PLANS_READY } from '../topics.ts';
import type { HiveConfig } from './config.ts';
import { Consensus } from './consensus.ts';
import { kafkaClients } from './kafka-clients.ts';
import { Orchestrator } from './orchestrator.ts';
import type { RecordConsumer } from './record-consumer.ts';
import { SemanticTranslation } from './semantic-translation.ts';
import { SpecialistClients } from './specialist-clients.ts';

/** @throws when Redis does not answer, or when a consumer has no partition in time. */
export async function startHive(config: HiveConfig): Promise<Service> {
  const clients = kafkaClients({
    brokers: config.kafkaBrokers,
    clientId: `hive-${config.instance}`,
    requestTimeoutMs: config.kafka.consumerRequestTimeoutMs,
  });
  const cluster = new ClusterView({
    bootstrap: config.kafkaBrokers,
    clientId: `hive-${config.instance}`,
    requestTimeoutMs: config.kafka.requestTimeoutMs,
    topics: [PLANS_READY, APPROVAL_REQUESTS, PLANS_CONSENSUS, EXECUTION_TICKETS],
  });
  const producer = new IdempotentProducer(cluster);
  const specialists = new SpecialistClients(config);
  const translation = new SemanticTranslation(config, clients, cluster);
  const consensus = new Consensus(config, clients, { specialists, producer });
  const orchestrator = new Orchestrator(config, clients, producer);
  const until = performance.now() + config.assignmentTimeoutMs;
  await cluster.persist(until, () => cluster.refresh());
  await producer.init(until);
  await Promise.all([
    orchestrator.start(config.assignmentTimeoutMs),
    consensus.consumer.start(config.assignmentTimeoutMs),
    translation.start(),
  ]);
  const consumers: Readonly<Record<string, RecordConsumer>> = {
    semantic_translation: translation.consumer,
    consensus: consensus.consumer,
    ...Object.fromEntries(orchestrator.consumers.map((one, index) => [`orchestrator_${index + 1}`, one])),
  };
  const http = await serveHttp({
    host: config.host,
    port: config.httpPort,
    routes: [
      {
        method: 'GET',
        path: '/health',
        handle: async () => ({ status: 200, body: { status: 'healthy', instance: config.instance } }),
      },
      { method: 'GET', path: '/ready', handle: () => readiness(consumers, orchestrator) },
    ],
  });
  return {
    listening: { http: http.address },
    stop: async () => {
      await Promise.all([translation.consumer.stop(), consensus.consumer.stop()]);
      await consensus.drained();
      await orchestrator.stop();
      await http.stop();
      specialists.close();
      cluster.close();
    },
  };
}

async function readiness(
  consumers: Readonly<Record<string, RecordConsumer>>,
  orchestrator: Orchestrator,
): Promise<Reply> {
  const redis = await orchestrator.ping().then(
    () => 'ok',
    (error: unknown) => messageOf(error),
  );
  const reading = Object.fromEntries(Object.entries(consumers).map(([name, one]) => [name, one.reading]));
  const ready = redis === 'ok' && Object.values(reading).every(Boolean);
  const body = { status: ready ? 'ready' : 'not_ready', checks: { redis, consumers: reading } };
  return { status: ready ? 200 : 503, body };
}
