/**
 * The gateway's Redis client with the contract's behaviour: 5 s to connect and 5 s per command, no queue
 * while Redis is down, a new connection after an unanswered command, and a circuit breaker around everything
 * except PING.
 */
import { Redis } from 'ioredis';
import type { Counter, Histogram } from '../metrics.ts';
import { AbandonedError, BreakerOpenError, CircuitBreaker } from './circuit-breaker.ts';
import type { RedisConfig } from './config.ts';

export interface CacheMetrics {
  readonly operations: Counter;
  readonly duration: Histogram;
}

export class RedisCache {
  readonly #config: RedisConfig;
  readonly #metrics: CacheMetrics;
  readonly #breaker: CircuitBreaker;
  #client: Redis | undefined;
  #connecting: Promise<Redis> | undefined;
  #hits = 0;
  #misses = 0;

  constructor(config: RedisConfig, metrics: CacheMetrics) {
    this.#config = config;
    this.#metrics = metrics;
    this.#breaker = new CircuitBreaker({ ...config.breaker, now: () => performance.now() });
  }

  get hitRatio(): number {
    return this.#hits + this.#misses === 0 ? 0 : this.#hits / (this.#hits + this.#misses);
  }

  get connected(): boolean {
    return this.#client?.status === 'ready';
  }

  get breakerState(): string {
    return this.#breaker.state;
  }

  /**
   * The value, or null when there is none or Redis failed.
   * @param withinMs stop waiting then (the command itself continues, and does not count in the breaker).
   * @throws BreakerOpenError while the breaker is open, AbandonedError after `withinMs`.
   */
  async get(key: string, withinMs?: number): Promise<string | null> {
    const value = await this.#guarded('get', (redis) => redis.get(key), withinMs);
    if (value === undefined) return null;
    if (value === null) this.#misses += 1;
    else this.#hits += 1;
    return value;
  }

  /** False when Redis failed. @throws BreakerOpenError while the breaker is open. */
  async setex(key: string, seconds: number, value: string): Promise<boolean> {
    return (await this.#guarded('set', (redis) => redis.setex(key, seconds, value))) !== undefined;
  }

  /** Bypasses the breaker: health checks see Redis itself. @throws when it does not answer in time. */
  async ping(): Promise<void> {
    await this.#command((redis) => redis.ping());
  }

  close(): void {
    this.#client?.disconnect();
  }

  async #guarded<T>(
    operation: string,
    command: (redis: Redis) => Promise<T>,
    withinMs?: number,
  ): Promise<T | undefined> {
    const began = performance.now();
    const labels = { operation, intent_type: 'cache' };
    try {
      const value = await this.#breaker.run(() => within(this.#command(command), withinMs));
      this.#metrics.operations.add({ ...labels, status: 'success' });
      this.#metrics.duration.observe((performance.now() - began) / 1000, { operation });
      return value;
    } catch (error) {
      this.#metrics.operations.add({ ...labels, status: 'error' });
      if (error instanceof BreakerOpenError || error instanceof AbandonedError) throw error;
      return undefined;
    }
  }

  async #command<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = await this.#connected();
    try {
      return await command(redis);
    } catch (error) {
      this.#retire(redis);
      throw error;
    }
  }

  async #connected(): Promise<Redis> {
    if (this.#client?.status === 'ready') return this.#client;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Redis> {
    const { host, port, timeoutMs } = this.#config;
    this.#client?.disconnect();
    const redis = new Redis({
      host,
      port,
      lazyConnect: true,
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      disableClientInfo: true,
    });
    // Every failure reaches its caller as a rejection; without a listener ioredis would print it as well.
    redis.on('error', () => undefined);
    await redis.connect();
    this.#client = redis;
    return redis;
  }

  /** New commands get a new connection; pending ones on the old connection keep their deadlines. */
  #retire(redis: Redis): void {
    if (this.#client === redis) this.#client = undefined;
    setTimeout(() => redis.disconnect(), this.#config.timeoutMs).unref();
  }
}

async function within<T>(work: Promise<T>, limitMs: number | undefined): Promise<T> {
  if (limitMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const abandoned = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AbandonedError(`no answer in ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
