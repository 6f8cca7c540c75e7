/** What choosing victims needs from a platform, as refusals where it is not there. */

import type { KafkaActs } from '../../../core/acts/kafka-acts.ts';
import type { PlaceKind, PlacementActs } from '../../../core/acts/placement.ts';
import { GauntletError } from '../../../core/errors.ts';
import { needActs, type World } from '../../world.ts';

/** Null when nothing of it is wanted. @throws refused where the platform does not know places. */
export function needPlacement(
  fault: string,
  wanted: readonly PlaceKind[],
  world: World,
): PlacementActs | null {
  if (wanted.length === 0) return null;
  const { placement } = needActs(fault, world, ['instances']).instances;
  if (placement !== undefined) return placement;
  throw new GauntletError(
    'refused',
    wanted.map((kind) => ({
      subject: `${fault}.${kind}`,
      expected: 'a platform whose instances are pods (kubernetes)',
      got: world.platform.handle.platform,
      next: 'Leave it out, or choose by names.',
    })),
  );
}

/** @throws refused, saying what is missing: a leader that nobody can ask for is never guessed. */
export function needKafkaView(fault: string, world: World): KafkaActs {
  const { kafka, handle } = world.platform;
  if (kafka !== undefined) return kafka;
  throw new GauntletError('refused', [
    {
      subject: `${fault}.leader-of`,
      expected: 'a view of Kafka, which knows leaders',
      got: `platform ${handle.platform} without one`,
      next: 'Name the brokers in the target file: kafka: { brokers: ["host:9092"] }',
    },
  ]);
}
