import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { watchingProbes } from '../../../../src/run/verdict/recoveries.ts';

const record = (kind: string, victim: string, probes?: readonly string[]): FaultRecord => ({
  name: kind,
  kind,
  victim,
  plannedAt: null,
  appliedAt: null,
  injectedAt: null,
  removedAt: null,
  status: 'injected',
  injection: null,
  removal: null,
  lease: null,
  recovery: {},
  pod: null,
  timers: [],
  ...(probes && { probes }),
});

describe('the probes that a recovery is measured by', () => {
  it('are those that the record names: an end of a link that no probe crosses is not one', () => {
    expect(watchingProbes(record('cut-link', 'gateway->redis', []))).toEqual([]);
    expect(watchingProbes(record('partition-kafka', 'kafka-1', ['kafka-1', 'kafka-2']))).toEqual([
      'kafka-1',
      'kafka-2',
    ]);
  });

  it('are those of writes alone when writes were hit and reads went on', () => {
    const both = ['redis', 'redis:write'];
    expect(watchingProbes(record('redis-maxmemory', 'writes of redis (run_id 1a2b3c4d)', both))).toEqual([
      'redis:write',
    ]);
  });

  it('are found by the victim in run folders of older versions', () => {
    expect(watchingProbes(record('throttle-redis', 'redis'))).toEqual(['redis']);
    expect(watchingProbes(record('kill-pod', 'specialist-business-1 (pid 7)'))).toEqual([
      'specialist-business',
    ]);
    expect(watchingProbes(record('partition-kafka', 'kafka-2 (leader of intentions.business)'))).toEqual([
      'kafka-2',
    ]);
  });
});
