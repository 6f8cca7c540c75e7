/** The layers of a fault on Kafka: of one whose probes ask its brokers. */
import type { KafkaReading } from '../../core/kafka-state.ts';
import type { FaultRecord } from '../../core/result.ts';
import { kafkaLayers } from '../../measure/kafka/kafka-layers.ts';
import { layerParts } from '../../measure/kafka/layer-parts.ts';

export function layersOf(
  record: FaultRecord,
  readings: readonly KafkaReading[],
  { until, holdMs }: { readonly until: number; readonly holdMs: number },
): Required<Pick<FaultRecord, 'layers' | 'kafka'>> {
  const { appliedAt, injectedAt, removedAt, probes = [] } = record;
  if (appliedAt === null) return { layers: {}, kafka: {} };
  const services = [...new Set(readings.map((one) => one.service))].filter((service) =>
    probes.some((one) => one === service || one.startsWith(`${service}-`)),
  );
  const question = { appliedAt, injectedAt: injectedAt ?? appliedAt, removedAt, until, holdMs };
  const found = services.map((service) => {
    const own = readings.filter((one) => one.service === service);
    return [service, kafkaLayers(own, question)] as const;
  });
  const layers = found.flatMap(([service, own]) =>
    Object.entries(own).map(([layer, recovery]) => [`${service} ${layer}`, recovery] as const),
  );
  const kafka = found.flatMap(([service, own]) => {
    const parts = layerParts(own);
    return parts === null ? [] : [[service, parts] as const];
  });
  return { layers: Object.fromEntries(layers), kafka: Object.fromEntries(kafka) };
}
