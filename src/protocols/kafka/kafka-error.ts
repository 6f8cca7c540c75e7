/** Kafka's error codes by name, grouped by the next step of a transactional producer. */
export type Remedy =
  /** Wait briefly and ask the same broker again. */
  | 'wait'
  /**
   * The view of the cluster is outdated, or the broker cannot be reached: ask another broker for the leader,
   * then retry.
   */
  | 'refresh'
  /**
   * This producer identity is no longer valid: get a new epoch (which aborts open transactions), then restart
   * the transaction.
   */
  | 'renew'
  /** No retry helps. */
  | 'fail';

const CODES: Readonly<Record<number, readonly [name: string, remedy: Remedy]>> = {
  2: ['CORRUPT_MESSAGE', 'fail'],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', 'refresh'],
  5: ['LEADER_NOT_AVAILABLE', 'refresh'],
  6: ['NOT_LEADER_OR_FOLLOWER', 'refresh'],
  7: ['REQUEST_TIMED_OUT', 'refresh'],
  9: ['REPLICA_NOT_AVAILABLE', 'refresh'],
  10: ['MESSAGE_TOO_LARGE', 'fail'],
  13: ['NETWORK_EXCEPTION', 'refresh'],
  14: ['COORDINATOR_LOAD_IN_PROGRESS', 'wait'],
  15: ['COORDINATOR_NOT_AVAILABLE', 'refresh'],
  16: ['NOT_COORDINATOR', 'refresh'],
  19: ['NOT_ENOUGH_REPLICAS', 'refresh'],
  20: ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'refresh'],
  29: ['TOPIC_AUTHORIZATION_FAILED', 'fail'],
  31: ['CLUSTER_AUTHORIZATION_FAILED', 'fail'],
  35: ['UNSUPPORTED_VERSION', 'fail'],
  40: ['INVALID_CONFIG', 'fail'],
  44: ['POLICY_VIOLATION', 'fail'],
  45: ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'renew'],
  47: ['INVALID_PRODUCER_EPOCH', 'renew'],
  48: ['INVALID_TXN_STATE', 'renew'],
  49: ['INVALID_PRODUCER_ID_MAPPING', 'renew'],
  51: ['CONCURRENT_TRANSACTIONS', 'wait'],
  56: ['KAFKA_STORAGE_ERROR', 'refresh'],
  59: ['UNKNOWN_PRODUCER_ID', 'renew'],
  74: ['FENCED_LEADER_EPOCH', 'refresh'],
  87: ['INVALID_RECORD', 'fail'],
  90: ['PRODUCER_FENCED', 'renew'],
};

export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly remedy: Remedy;
  /** `host:port` of the broker that did not answer or returned the error, if one did. */
  readonly broker: string | null;

  constructor(message: string, remedy: Remedy, broker: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
    this.broker = broker;
  }
}

/** `MESSAGE_TOO_LARGE`; `error 99` for one that has no name here. */
export const errorName = (code: number): string => CODES[code]?.[0] ?? `error ${code}`;

/** @throws KafkaError unless the code is 0. */
export function checkCode(code: number, what: string, broker: string): void {
  if (code === 0) return;
  const [name, remedy] = CODES[code] ?? [errorName(code), 'fail'];
  throw new KafkaError(`${what}: ${name}`, remedy, broker);
}
