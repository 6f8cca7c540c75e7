/**
 * The layers of one Kafka as parts of its recovery: in the order in which they were back, each from the one
 * before it, so that the parts sum to the whole.
 */
import { KAFKA_LAYERS, type KafkaLayer, type KafkaRecovery, type LayerPart } from '../../core/kafka-state.ts';
import type { Recovery } from '../../core/result.ts';

export type LayerRecoveries = Readonly<Partial<Record<KafkaLayer, Recovery>>>;

/** Null: none was away. */
export function layerParts(layers: LayerRecoveries): KafkaRecovery | null {
  const away = KAFKA_LAYERS.flatMap((layer) => {
    const { status, onsetMs, sinceInjectedMs } = layers[layer] ?? {};
    // One that was not watched for long enough to be calm was not seen away either.
    if (onsetMs === null || onsetMs === undefined || typeof sinceInjectedMs !== 'number') return [];
    return [{ layer, at: Math.max(0, sinceInjectedMs), isOpen: status === 'censored' }];
  });
  // Of those that were back at once, in the usual order.
  away.sort((a, b) => Number(a.isOpen) - Number(b.isOpen) || a.at - b.at);
  let [before, until]: [KafkaLayer | null, number] = [null, 0];
  const parts = away.map(({ layer, at, isOpen }): LayerPart => {
    const part = { layer, after: before, ms: Math.max(0, at - until), isOpen };
    [before, until] = [layer, Math.max(until, at)];
    return part;
  });
  const last = parts.at(-1);
  if (last === undefined) return null;
  const open = parts.filter((one) => one.isOpen).map((one) => one.layer);
  return { ms: until, parts, heldBy: open.length > 0 ? open : [last.layer] };
}
