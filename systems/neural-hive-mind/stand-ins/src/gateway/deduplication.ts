/**
 * Deduplication by correlation_id: GET, then SETEX, not atomic, and set BEFORE anything is published. So two
 * equal simultaneous requests can both pass, and a retry after a failed publish gets `duplicate_detected` for
 * an intention that never reached Kafka. Both are behaviour of the contract
 * (docs/systems/neural-hive-mind.md, "One intention").
 */
import type { RedisCache } from './redis-cache.ts';

export interface FirstCall {
  readonly intentId: string;
  readonly timestamp: string;
}

const TTL_SECONDS = 300;

/**
 * The first call with this id, or null after this one was recorded as the first. With a failing Redis no
 * request is a duplicate.
 */
export async function findFirstCall(
  cache: RedisCache,
  correlationId: string,
  me: FirstCall,
): Promise<FirstCall | null> {
  const key = `dedup:${correlationId}`;
  const marked = await unlessBroken(() => cache.get(key));
  if (marked !== null) {
    const { intent_id, timestamp } = JSON.parse(marked) as { intent_id: string; timestamp: string };
    return { intentId: intent_id, timestamp };
  }
  const mark = JSON.stringify({ intent_id: me.intentId, timestamp: me.timestamp });
  await unlessBroken(() => cache.setex(key, TTL_SECONDS, mark));
  return null;
}

/** Null while the breaker is open; RedisCache maps every other failure to a return value. */
export async function unlessBroken<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch {
    return null;
  }
}
