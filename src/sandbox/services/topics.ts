/**
 * The topics of the sandbox, for whoever creates them (replication 3, min.insync.replicas 2, as HC/kafka-topics).
 * Partition counts are smaller than the Helm values, named at each line: with record keys as the contract has them all
 * traffic of a domain lands on one partition anyway, and three brokers on a small machine start faster with fewer logs.
 */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
}

export const INTENT_TOPICS = {
  BUSINESS: 'intentions.business',
  TECHNICAL: 'intentions.technical',
  INFRASTRUCTURE: 'intentions.infrastructure',
  SECURITY: 'intentions.security',
} as const;
export const VALIDATION_TOPIC = 'intentions.validation';
export const PLANS_READY = 'plans.ready';
export const PLANS_CONSENSUS = 'plans.consensus';
export const EXECUTION_TICKETS = 'execution.tickets';
/** Where plans of high risk are parked; nobody in the sandbox approves them. */
export const APPROVAL_REQUESTS = 'cognitive-plans-approval-requests';

export const TOPICS: readonly TopicSpec[] = [
  { name: INTENT_TOPICS.BUSINESS, partitions: 3 }, // Helm: 6
  { name: INTENT_TOPICS.TECHNICAL, partitions: 3 }, // Helm: 8
  { name: INTENT_TOPICS.INFRASTRUCTURE, partitions: 3 }, // Helm: 6
  { name: INTENT_TOPICS.SECURITY, partitions: 3 }, // Helm: 4
  { name: VALIDATION_TOPIC, partitions: 3 }, // Helm: forgotten there; the gateway needs it
  { name: PLANS_READY, partitions: 3 }, // Helm: not stated
  { name: PLANS_CONSENSUS, partitions: 3 }, // KafkaTopic resource plans-consensus: 6
  { name: EXECUTION_TICKETS, partitions: 3 }, // KafkaTopic resource execution-tickets: 12
  { name: APPROVAL_REQUESTS, partitions: 1 }, // Helm: not stated
];
