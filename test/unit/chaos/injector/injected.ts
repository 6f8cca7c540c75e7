/** What the tests of the injector inject, and where. */
import type { World } from '../../../../src/chaos/world.ts';
import type { LinkActs } from '../../../../src/core/acts/link-acts.ts';
import { ms } from '../../../../src/core/units.ts';
import { planned, type Stage, stages } from '../stage.ts';

export const newStage = stages();

export const throttle = (holdMs = 300) =>
  planned('throttle-redis', { latency: '40ms', for: '8s' }, ms(holdMs));
export const partition = (from: string, broker: number | string = 1) =>
  planned('partition-kafka', { broker, from, for: '8s' }, ms(300));
export const kill = (over: object = {}) => planned('kill-pod', { service: 'orders', ...over });

export const withLinks = (world: World, over: Partial<LinkActs>): World => {
  const links = world.platform.links;
  if (!links) throw new Error('the fake platform has links');
  return { ...world, platform: { ...world.platform, links: { ...links, ...over } } };
};
export const kinds = (one: Stage): string[] => one.events.map((event) => event.kind);
