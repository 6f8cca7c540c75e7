/** Injects one fault for a test: no guard forbids it, and no other holder takes its lease. */
import type { FaultOutcome, FaultRequest } from '../../../src/chaos/injector/fault-request.ts';
import { runFault } from '../../../src/chaos/injector/injector.ts';
import { ms } from '../../../src/core/units.ts';

type Needed = Pick<FaultRequest, 'planned' | 'world' | 'feed' | 'journal'>;

export const injectOnce = (request: Needed & Partial<FaultRequest>): Promise<FaultOutcome> =>
  runFault({
    lease: {
      ttlMs: ms(3000),
      holder: 'test',
      lost: new AbortController().signal,
      release: async () => undefined,
    },
    policy: { optIn: true, protected: [], hours: 'any' },
    signal: new AbortController().signal,
    report: () => undefined,
    removalTimeoutMs: ms(20_000),
    ...request,
  });
