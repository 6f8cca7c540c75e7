/**
 * The topics of the sandbox, for whoever creates them (replication 3, min.insync.replicas 2, as HC/kafka-topics).
 * One partition each, where the Helm values at each line have more: the key of an intention is its domain, so that all
 * traffic of a domain lands on one partition anyway, and every fetch of a follower reads every partition that it follows,
 * also those where nothing ever comes (docs/decisions/030-cpu-of-the-sandbox.md).
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
  { name: INTENT_TOPICS.BUSINESS, partitions: 1 }, // Helm: 6
  { name: INTENT_TOPICS.TECHNICAL, partitions: 1 }, // Helm: 8
  { name: INTENT_TOPICS.INFRASTRUCTURE, partitions: 1 }, // Helm: 6
  { name: INTENT_TOPICS.SECURITY, partitions: 1 }, // Helm: 4
  { name: VALIDATION_TOPIC, partitions: 1 }, // Helm: forgotten there; the gateway needs it
  { name: PLANS_READY, partitions: 1 }, // Helm: not stated
  { name: PLANS_CONSENSUS, partitions: 1 }, // KafkaTopic resource plans-consensus: 6
  { name: EXECUTION_TICKETS, partitions: 1 }, // KafkaTopic resource execution-tickets: 12
  { name: APPROVAL_REQUESTS, partitions: 1 }, // Helm: not stated
];
