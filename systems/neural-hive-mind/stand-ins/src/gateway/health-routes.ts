/**
 * /health, /ready, /status, /cache/stats. They have the contract's weaknesses: Kafka counts as healthy for
 * ever after the producer has started, and a lost Redis makes every gateway unhealthy although requests still
 * succeed.
 */
import { messageOf } from '../../../../../src/core/errors.ts';
import type { Reply } from '../http-app.ts';
import { authenticationFailed } from './identity.ts';
import type { GatewayParts } from './process-text.ts';

const SERVICE = {
  service_name: 'gateway-intencoes',
  neural_hive_component: 'gateway',
} as const;

interface Component {
  readonly status: 'healthy' | 'unhealthy';
  readonly message: string;
  readonly duration_seconds: number;
  readonly timestamp: number;
  readonly details: Readonly<Record<string, unknown>>;
}

export async function getHealth(parts: GatewayParts): Promise<Reply> {
  await parts.gate.pass();
  const redis = await checkRedis(parts);
  await parts.gate.pass();
  const components = {
    redis,
    asr_pipeline: ready('ASR pipeline'),
    nlu_pipeline: ready('NLU pipeline'),
    kafka_producer: ready('Kafka producer'),
    oauth2_validator: ready('OAuth2 validator'),
  };
  const body = {
    status: redis.status,
    timestamp: new Date().toISOString(),
    version: '1.0.0',
    ...SERVICE,
    neural_hive_layer: 'experiencia',
    components,
  };
  return { status: redis.status === 'healthy' ? 200 : 503, body };
}

export async function getReady(parts: GatewayParts): Promise<Reply> {
  await parts.gate.pass();
  const redis = (await checkRedis(parts)).status === 'healthy';
  await parts.gate.pass();
  const body = {
    status: redis ? 'ready' : 'not_ready',
    timestamp: new Date().toISOString(),
    ...SERVICE,
    checks: { redis, kafka_producer: true },
  };
  return { status: redis ? 200 : 503, body };
}

export async function getStatus(parts: GatewayParts): Promise<Reply> {
  await parts.gate.pass();
  const { environment, kafkaBrokers } = parts.config;
  const body = {
    service: 'gateway-intencoes',
    version: '1.0.0',
    environment,
    timestamp: new Date().toISOString(),
    components: {
      asr_pipeline: { ready: true, model: 'stand-in: LIST/INFO comment of the WAV file', device: 'cpu' },
      nlu_pipeline: { ready: true, model: 'stand-in: rules' },
      kafka_producer: { ready: true, bootstrap_servers: kafkaBrokers.join(',') },
    },
    settings: {
      // Reported in the contract, but not enforced.
      max_audio_size_mb: 10,
      max_text_length: 10_000,
      supported_audio_formats: ['wav', 'mp3', 'm4a', 'ogg'],
      supported_languages: ['pt-BR', 'en-US', 'es-ES'],
    },
  };
  return { status: 200, body };
}

/**
 * Needs the admin role, which the fixed identity lacks: without token validation the answer is always 401.
 */
export async function getCacheStats(parts: GatewayParts): Promise<Reply> {
  await parts.gate.pass();
  return authenticationFailed('Admin role required', parts.config.environment);
}

async function checkRedis(parts: GatewayParts): Promise<Component> {
  const began = performance.now();
  let problem: string | undefined;
  try {
    await parts.cache.ping();
  } catch (error) {
    problem = messageOf(error);
  }
  return {
    status: problem === undefined ? 'healthy' : 'unhealthy',
    message: problem === undefined ? 'Redis connection OK' : `Redis connection failed: ${problem}`,
    duration_seconds: (performance.now() - began) / 1000,
    timestamp: Date.now() / 1000,
    details: {},
  };
}

const ready = (name: string): Component => ({
  status: 'healthy',
  message: `${name} ready`,
  duration_seconds: 0,
  timestamp: Date.now() / 1000,
  details: {},
});
