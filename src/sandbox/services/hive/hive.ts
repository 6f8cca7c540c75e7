/** Puts the hive together: the producers first, then the consumers from the end of the chain to its beginning. */
import { messageOf } from '../../../core/errors.ts';
import { type Reply, serveHttp } from '../http-app.ts';
import type { Service } from '../program.ts';
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
    requestTimeoutMs: config.kafka.requestTimeoutMs,
  });
  const producer = clients.kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  clients.guard(producer);
  const specialists = new SpecialistClients(config);
  const translation = new SemanticTranslation(config, clients);
  const consensus = new Consensus(config, clients, { specialists, producer });
  const orchestrator = new Orchestrator(config, clients, producer);
  await producer.connect();
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
      await Promise.all([translation.stop(), consensus.consumer.stop()]);
      await consensus.drained();
      await orchestrator.stop();
      await Promise.all([producer.disconnect(), http.stop()]);
      specialists.close();
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
