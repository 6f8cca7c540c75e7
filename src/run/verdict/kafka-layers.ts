/** The layers of a fault on Kafka: of one whose probes ask its brokers. */
import type { KafkaReading } from '../../core/kafka-state.ts';
import type { FaultRecord } from '../../core/result.ts';
import { kafkaLayers } from '../../measure/kafka/kafka-layers.ts';

export function layersOf(
  record: FaultRecord,
  readings: readonly KafkaReading[],
  { until, holdMs }: { readonly until: number; readonly holdMs: number },
): NonNullable<FaultRecord['layers']> {
  const { appliedAt, injectedAt, removedAt, probes = [] } = record;
  if (appliedAt === null) return {};
  const services = [...new Set(readings.map((one) => one.service))].filter((service) =>
    probes.some((one) => one === service || one.startsWith(`${service}-`)),
  );
  const layers = services.flatMap((service) => {
    const own = readings.filter((one) => one.service === service);
    const question = {
      appliedAt,
      injectedAt: injectedAt ?? appliedAt,
      removedAt,
      until,
      holdMs,
    };
    return Object.entries(kafkaLayers(own, question)).map(
      ([layer, recovery]) => [`${service} ${layer}`, recovery] as const,
    );
  });
  return Object.fromEntries(layers);
}
