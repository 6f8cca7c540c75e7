/**
 * Starts the hive, or one of its three services: the producers first, then the consumers from the end of the
 * chain to its beginning.
 */
import { type Reply, type Route, serveHttp } from '../http-app.ts';
import { ClusterView } from '../kafka/cluster-view.ts';
import { IdempotentProducer } from '../kafka/idempotent-producer.ts';
import type { Service } from '../program.ts';
import { APPROVAL_REQUESTS, EXECUTION_TICKETS, PLANS_CONSENSUS, PLANS_READY } from '../topics.ts';
import type { HiveConfig } from './config.ts';
import { kafkaClients } from './kafka-clients.ts';
import type { RecordConsumer } from './record-consumer.ts';
import { answers, healthRoute, redisOf } from './stage.ts';
import { STAGES } from './stage-names.ts';
import { STAGE_PARTS } from './stages.ts';

/** @throws when Redis does not answer, or when a consumer has no partition in time. */
export async function startHive(config: HiveConfig): Promise<Service> {
  const clientId = `${config.stage ?? 'hive'}-${config.instance}`;
  const clients = kafkaClients({
    brokers: config.kafkaBrokers,
    clientId,
    requestTimeoutMs: config.kafka.consumerRequestTimeoutMs,
  });
  const cluster = new ClusterView({
    bootstrap: config.kafkaBrokers,
    clientId,
    requestTimeoutMs: config.kafka.requestTimeoutMs,
    topics: [PLANS_READY, APPROVAL_REQUESTS, PLANS_CONSENSUS, EXECUTION_TICKETS],
  });
  const producer = new IdempotentProducer(cluster);
  const names = config.stage === null ? STAGES : [config.stage];
  const stages = names.map((name) => STAGE_PARTS[name]({ config, clients, cluster, producer }));
  const until = performance.now() + config.assignmentTimeoutMs;
  await cluster.persist(until, () => cluster.refresh());
  await producer.init(until);
  await Promise.all(stages.map((one) => one.start()));
  const [only] = stages;
  const { host } = config;
  const isOne = config.stage !== null && only !== undefined;
  const whole = isOne ? null : wholeHive(config, Object.assign({}, ...stages.map((one) => one.consumers)));
  await whole?.start();
  // Of one process for all three: its own health, and the API of each.
  const api = stages.flatMap((one) => one.routes.filter(({ path }) => path.startsWith('/api/')));
  const routes = isOne ? only.routes : [...(whole?.routes ?? []), ...api];
  const http = await serveHttp({ host, port: config.httpPort, routes });
  const serve = stages.find((one) => one.serveGrpc !== null)?.serveGrpc;
  const grpc = config.grpcPort === null || !serve ? null : await serve(host, config.grpcPort);
  return {
    listening: { http: http.address, ...(grpc && { grpc: grpc.address }) },
    stop: async () => {
      // From the beginning of the chain to its end: nothing is taken that nobody finishes.
      for (const stage of stages) await stage.stop();
      await Promise.all([http.stop(), grpc?.stop()]);
      whole?.stop();
      cluster.close();
    },
  };
}

/** All three in one process: ready when all of them read, and Redis answers. */
function wholeHive(config: HiveConfig, consumers: Readonly<Record<string, RecordConsumer>>) {
  const redis = redisOf(config);
  const ready = async (): Promise<Reply> => {
    const answer = await answers(redis.ping());
    const reading = Object.fromEntries(Object.entries(consumers).map(([name, one]) => [name, one.reading]));
    const isReady = answer === true && Object.values(reading).every(Boolean);
    const checks = { redis: answer === true ? 'ok' : answer, consumers: reading };
    return { status: isReady ? 200 : 503, body: { status: isReady ? 'ready' : 'not_ready', checks } };
  };
  const routes: readonly Route[] = [healthRoute('hive'), { method: 'GET', path: '/ready', handle: ready }];
  return { routes, start: () => redis.connect(), stop: () => redis.disconnect() };
}
