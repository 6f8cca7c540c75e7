/** One question of a target on a connection of its own: readiness, contracts. */
import type { NamedAsk } from './asks.ts';
import { askWithin } from './line/ask-within.ts';
import type { Around } from './line/protocol.ts';

/** Rejects as askWithin does. */
export const askOnce = async (ask: NamedAsk, around: Around, timeoutMs: number): Promise<void> =>
  await askWithin(ask.protocol.dialler(ask, around), timeoutMs);
