/**
 * Language understanding behind the Redis cache: a read is abandoned after 5 ms, a write is awaited.
 */
import { createHash } from 'node:crypto';
import { unlessBroken } from './deduplication.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { IDENTITY } from './identity.ts';
import { type NluResult, understand } from './nlu.ts';
import type { RedisCache } from './redis-cache.ts';

const READ_WITHIN_MS = 5;
const TTL_SECONDS = 3600;

export class CachedNlu {
  readonly #cache: RedisCache;
  readonly #metrics: GatewayMetrics;

  constructor(cache: RedisCache, metrics: GatewayMetrics) {
    this.#cache = cache;
    this.#metrics = metrics;
  }

  async understand(text: string, language: string): Promise<NluResult> {
    const began = performance.now();
    // The user context is part of the key, so users do not share entries.
    const content = JSON.stringify([text, language, IDENTITY]);
    const key = `nlu:cache:${createHash('md5').update(content).digest('hex')}`;
    const known = await this.#read(key);
    if (known) return known;
    const result = understand(text);
    this.#metrics.nluSeconds.observe((performance.now() - began) / 1000);
    await unlessBroken(() => this.#cache.setex(key, TTL_SECONDS, JSON.stringify(result)));
    return result;
  }

  async #read(key: string): Promise<NluResult | undefined> {
    let text: string | null;
    try {
      text = await this.#cache.get(key, READ_WITHIN_MS);
    } catch (error) {
      this.#metrics.cacheErrors.add({ error_type: error instanceof Error ? error.name : 'unknown' });
      return undefined;
    }
    this.#metrics.nluCache.add({ operation: 'get', status: text === null ? 'miss' : 'hit' });
    if (text === null) return undefined;
    try {
      return JSON.parse(text) as NluResult;
    } catch {
      this.#metrics.nluCacheCorruption.add();
      return undefined;
    }
  }
}
