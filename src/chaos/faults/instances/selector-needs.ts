/** What a victim selector needs from a platform, as refusals where it is missing. */

import type { KafkaActs } from '../../../core/acts/kafka-acts.ts';
import type { PlaceKind, PlacementActs } from '../../../core/acts/placement.ts';
import { GauntletError } from '../../../core/errors.ts';
import { own } from '../../../core/own.ts';
import { needActs, type World } from '../../world.ts';

/** Null when none of it is needed. @throws refused where the platform has no placement. */
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

/** @throws refused, with what is missing: a leader that cannot be queried is never guessed. */
export function needKafkaView(fault: string, service: string, world: World): KafkaActs {
  const { handle, kafkaByService = {} } = world.platform;
  const kafka = own(kafkaByService, service) ?? world.platform.kafka;
  if (kafka !== undefined) return kafka;
  throw new GauntletError('refused', [
    {
      subject: `${fault}.leader-of`,
      expected: 'access to Kafka, which knows the leaders',
      got: `platform ${handle.platform} without one`,
      next: 'Name the brokers in the target file: kafka: { brokers: ["host:9092"] }',
    },
  ]);
}
