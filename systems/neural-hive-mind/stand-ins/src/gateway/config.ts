/**
 * Configuration of the gateway program, with the contract's defaults
 * (services/gateway-intencoes/src/config/settings.py).
 */
import { ConfigReader } from '../config-reader.ts';
import { addressesIn, type Environment, numberIn, placeIn, socketIn } from '../environment.ts';

export interface GatewayConfig {
  readonly instance: string;
  readonly host: string;
  readonly httpPort: number;
  readonly kafkaBrokers: readonly string[];
  readonly redis: RedisConfig;
  readonly environment: string;
  readonly graceMs: number;
  readonly asr: { readonly maxConcurrentJobs: number; readonly realTimeFactor: number };
  readonly routing: { readonly high: number; readonly low: number };
  readonly kafka: {
    /**
     * request.timeout.ms. The contract says 30 s. With one second the gateway's recovery time follows the
     * cluster's fail-over (2 to 4 s) and not its client's timeout. Retries are idempotent, so the short
     * deadline costs only a repetition.
     */
    readonly requestTimeoutMs: number;
    /** flush (10 s) + commit (118 s): how long a POST waits for Kafka before the producer is spent. */
    readonly deliveryTimeoutMs: number;
    readonly transactionTimeoutMs: number;
    /** init_transactions: 2 × transaction.timeout.ms. */
    readonly initTimeoutMs: number;
    /** Number of transactional ids used in rotation (kafka/producer-pool.ts). */
    readonly transactionalIds: number;
  };
}

export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  /** Deadline to connect, and of each command. */
  readonly timeoutMs: number;
  /** How long a start without Redis retries. */
  readonly startTimeoutMs: number;
  readonly breaker: { readonly threshold: number; readonly openMs: number };
}

/** @throws GauntletError (usage) with every problem of the object. */
export function readGatewayConfig(source: Readonly<Record<string, unknown>>): GatewayConfig {
  const whole = new ConfigReader({ asr: {}, routing: {}, kafka: {}, ...source });
  const ratio = { min: 0, max: 1 };
  const asr = whole.object('asr');
  const routing = whole.object('routing');
  const kafka = whole.object('kafka');
  const config: GatewayConfig = {
    instance: whole.text('instance'),
    host: whole.text('host'),
    httpPort: whole.port('httpPort'),
    kafkaBrokers: whole.texts('kafkaBrokers'),
    redis: readRedisConfig(whole.object('redis')),
    environment: whole.text('environment', 'dev'),
    graceMs: whole.ms('graceMs', 5000),
    asr: {
      maxConcurrentJobs: asr.number('maxConcurrentJobs', { min: 1, max: 1000, whole: true }, 5),
      // Whisper "tiny" on a CPU needs about a tenth of the audio's length; the sandbox takes a tenth of that.
      realTimeFactor: asr.number('realTimeFactor', { min: 0, max: 10 }, 0.02),
    },
    routing: {
      high: routing.number('high', ratio, 0.5),
      low: routing.number('low', ratio, 0.3),
    },
    kafka: {
      requestTimeoutMs: kafka.ms('requestTimeoutMs', 1000),
      deliveryTimeoutMs: kafka.ms('deliveryTimeoutMs', 128_000),
      transactionTimeoutMs: kafka.ms('transactionTimeoutMs', 300_000),
      initTimeoutMs: kafka.ms('initTimeoutMs', 600_000),
      transactionalIds: kafka.number('transactionalIds', { min: 1, max: 64, whole: true }, 4),
    },
  };
  whole.finish();
  return config;
}

export function gatewayEnvironment(environment: Environment): Readonly<Record<string, unknown>> {
  return {
    ...placeIn(environment),
    httpPort: numberIn(environment, 'PORT'),
    kafkaBrokers: addressesIn(environment, 'KAFKA_ADDRESS'),
    redis: {
      ...socketIn(environment, 'REDIS_ADDRESS'),
      timeoutMs: numberIn(environment, 'REDIS_TIMEOUT_MS'),
      breakerOpenMs: numberIn(environment, 'REDIS_BREAKER_OPEN_MS'),
    },
    kafka: { requestTimeoutMs: numberIn(environment, 'KAFKA_REQUEST_TIMEOUT_MS') },
  };
}

export function readRedisConfig(reader: ConfigReader): RedisConfig {
  return {
    host: reader.text('host'),
    port: reader.port('port'),
    timeoutMs: reader.ms('timeoutMs', 5000),
    startTimeoutMs: reader.ms('startTimeoutMs', 4000),
    breaker: {
      threshold: reader.number('breakerThreshold', { min: 1, max: 1000, whole: true }, 5),
      openMs: reader.ms('breakerOpenMs', 60_000),
    },
  };
}
