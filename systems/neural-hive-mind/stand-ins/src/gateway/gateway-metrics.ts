/** The gateway's series on /metrics, under the names of docs/systems/neural-hive-mind.md ("Metrics"). */
import { Metrics } from '../metrics.ts';

export type GatewayMetrics = ReturnType<typeof gatewayMetrics>;

export const COMPONENT_LABELS = {
  neural_hive_component: 'gateway',
  neural_hive_layer: 'experiencia',
} as const;

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;
const BYTES = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] as const;

export function gatewayMetrics() {
  const registry = new Metrics();
  const counter = registry.counter.bind(registry);
  const histogram = registry.histogram.bind(registry);
  return {
    registry,
    requests: counter('neural_hive_requests_total', 'Requests by outcome'),
    /** Observed only on success and only from handler entry, as in the contract. */
    captura: histogram(
      'neural_hive_captura_duration_seconds',
      'Capture time of successful requests',
      SECONDS,
    ),
    confidence: histogram('neural_hive_intent_confidence', 'Confidence of intents', SHARES),
    lowConfidence: counter('neural_hive_low_confidence_routed_total', 'Low-confidence intents by route'),
    envelopeBytes: histogram('intention_envelope_bytes', 'Size of envelopes', BYTES),
    tooLarge: counter('intentions_record_too_large_total', 'Envelopes above the limit'),
    correlationMissing: counter(
      'neural_hive_gateway_correlation_id_missing_total',
      'Requests without correlation_id',
    ),
    nluCache: counter('neural_hive_nlu_cache_operations_total', 'NLU cache operations'),
    nluCacheCorruption: counter(
      'neural_hive_nlu_cache_corruption_total',
      'NLU cache entries that do not parse',
    ),
    nluSeconds: histogram('neural_hive_gateway_nlu_processing_duration_seconds', 'NLU time', SECONDS),
    sloViolations: counter('neural_hive_gateway_slo_violations_total', 'Requests above the threshold'),
    cacheErrors: counter('neural_hive_gateway_cache_errors_total', 'Cache errors by type'),
    redisOperations: counter('redis_operations_total', 'Redis operations by status'),
    redisSeconds: histogram('redis_operation_duration_seconds', 'Redis operation time', SECONDS),
  };
}
