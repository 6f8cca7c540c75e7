/**
 * The topics of the sandbox (replication 3, min.insync.replicas 2, as HC/kafka-topics). Each has one
 * partition; the comment at each line has the Helm value. The key of an intention is its domain, so all
 * traffic of a domain goes to one partition anyway. Further partitions would cost CPU: every fetch of a
 * follower reads every partition that it follows, also empty ones (docs/decisions/030-cpu-of-the-sandbox.md).
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
/** Holds plans of high risk until a person approves them, which the sandbox never does. */
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
