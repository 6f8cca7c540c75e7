/** Starts the gateway: Redis first, then Kafka, then the socket, as the real bootstrap does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serveHttp } from '../http-app.ts';
import { ProducerPool } from '../kafka/producer-pool.ts';
import type { Service } from '../program.ts';
import { INTENT_TOPICS, VALIDATION_TOPIC } from '../topics.ts';
import { Asr } from './asr.ts';
import { CachedNlu } from './cached-nlu.ts';
import type { GatewayConfig } from './config.ts';
import { corsHeaders, preflight } from './cors.ts';
import { LARGEST_ENVELOPE_BYTES } from './envelope.ts';
import { gatewayMetrics } from './gateway-metrics.ts';
import { getCacheStats, getHealth, getReady, getStatus } from './health-routes.ts';
import { getIntention, postIntention } from './intentions-routes.ts';
import { LoopGate } from './loop-gate.ts';
import { understand } from './nlu.ts';
import type { GatewayParts } from './process-text.ts';
import { RedisCache } from './redis-cache.ts';
import { postVoice } from './voice-route.ts';

const WARM_UP = [
  'gerar relatório de vendas mensal',
  'implementar api de pagamentos',
  'configurar autenticação com oauth2',
  'escalar cluster kubernetes',
  'analisar vendas do trimestre',
];

/** @throws when Redis (4 s by default) or Kafka (600 s by default) does not answer in time. */
export async function startGateway(config: GatewayConfig): Promise<Service> {
  const metrics = gatewayMetrics();
  const cache = new RedisCache(config.redis, {
    operations: metrics.redisOperations,
    duration: metrics.redisSeconds,
  });
  await awaitRedis(cache, config.redis.startTimeoutMs);
  for (const text of WARM_UP) understand(text);
  const pool = producerPool(config);
  await pool.start(config.kafka.initTimeoutMs);
  const parts: GatewayParts = {
    config,
    metrics,
    cache,
    nlu: new CachedNlu(cache, metrics),
    pool,
    gate: new LoopGate(),
  };
  const asr = new Asr(config.asr);
  const app = await serveHttp({
    host: config.host,
    port: config.httpPort,
    before: preflight,
    headersFor: corsHeaders,
    routes: [
      { method: 'POST', path: '/intentions', handle: (call) => postIntention(parts, call) },
      { method: 'POST', path: '/intentions/voice', handle: (call) => postVoice(parts, asr, call) },
      { method: 'GET', path: '/intentions/*', handle: (call) => getIntention(parts, call) },
      { method: 'GET', path: '/status', handle: () => getStatus(parts) },
      { method: 'GET', path: '/cache/stats', handle: () => getCacheStats(parts) },
      { method: 'GET', path: '/health', handle: () => getHealth(parts) },
      { method: 'GET', path: '/ready', handle: () => getReady(parts) },
      { method: 'GET', path: '/metrics', handle: async () => scrape(parts) },
    ],
  });
  addGauges(parts, () => app.active());
  return {
    listening: { http: app.address },
    stop: async () => {
      await app.stop();
      pool.close();
      cache.close();
    },
  };
}

function producerPool(config: GatewayConfig): ProducerPool {
  return new ProducerPool({
    brokers: config.kafkaBrokers,
    clientId: `gateway-intencoes-${config.instance}`,
    topics: [...Object.values(INTENT_TOPICS), VALIDATION_TOPIC],
    // gateway-intencoes-{HOSTNAME}-{pid}: in a container the pid is 1 at every restart, so a successor fences
    // its predecessor and aborts its open transaction. With the pid of our process the transaction would stay
    // open for 300 s and block every read_committed consumer of that partition.
    transactionalIdPrefix: `gateway-intencoes-${config.instance}-1`,
    size: config.kafka.transactionalIds,
    transactionTimeoutMs: config.kafka.transactionTimeoutMs,
    requestTimeoutMs: config.kafka.requestTimeoutMs,
    deliveryTimeoutMs: config.kafka.deliveryTimeoutMs,
  });
}

async function scrape(parts: GatewayParts) {
  await parts.gate.pass();
  return {
    status: 200,
    body: parts.metrics.registry.text(),
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  };
}

function addGauges(parts: GatewayParts, active: () => number): void {
  const { registry } = parts.metrics;
  registry.gauge('gateway_active_connections', 'Requests being handled', active);
  registry.gauge('redis_hit_ratio', 'Share of reads that hit', () => parts.cache.hitRatio);
  registry.gauge('redis_connections_active', 'Open connections', () => Number(parts.cache.connected));
  registry.gauge('intention_envelope_max_bytes', 'Largest envelope allowed', () => LARGEST_ENVELOPE_BYTES);
}

async function awaitRedis(cache: RedisCache, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      await cache.ping();
      return;
    } catch (error) {
      if (performance.now() >= until) throw error;
      await sleep(200);
    }
  }
}
