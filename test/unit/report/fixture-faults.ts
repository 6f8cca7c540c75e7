/**
 * The three faults of the demo fixture: a pod that restarts, a partition with a relapse and no recovery, a
 * throttle.
 */
import type { FaultRecord, Recovery } from '../../../src/core/result.ts';

const fine: Recovery = {
  status: 'never-degraded',
  onsetMs: null,
  sinceInjectedMs: null,
  sinceRemovedMs: null,
  boundMs: 100,
  worst: 0,
  lossSeconds: 0,
  flaps: 0,
};

export const recovered = (
  onsetMs: number,
  sinceInjectedMs: number,
  sinceRemovedMs: number,
  worst: number,
  more: Partial<Recovery> = {},
): Recovery => ({
  status: 'recovered',
  onsetMs,
  sinceInjectedMs,
  sinceRemovedMs,
  boundMs: 100,
  worst,
  lossSeconds: worst > 1 ? worst / 1000 : (sinceInjectedMs / 1000) * worst * 0.6,
  flaps: 0,
  ...more,
});

const kill = (start: number): FaultRecord => ({
  name: 'kill-pod',
  kind: 'kill-pod',
  victim: 'specialist-business-0 (pid 4821)',
  plannedAt: start + 20_000,
  appliedAt: start + 20_080,
  injectedAt: start + 20_130,
  removedAt: start + 25_240,
  status: 'injected',
  injection: {
    held: 'reset after 12 ms',
    fresh: 'refused',
    boundMs: 50,
    evidence: 'pid 4821 is gone; 127.0.0.1:50051 refuses connections',
  },
  removal: {
    held: 'ok in 3 ms',
    fresh: 'ok in 4 ms',
    boundMs: 100,
    evidence: 'specialist-business-0 is ready as pid 5210, 1 restart',
  },
  lease: { ttlMs: 15_000, holder: 'keeper 4702' },
  recovery: {
    held: recovered(12, 5190, 80, 5110),
    fresh: recovered(50, 5140, 30, 5090),
    'gateway.intentions failed': recovered(200, 4100, -1010, 0.14),
    'gateway.intentions slow': recovered(300, 4300, -810, 0.31),
    'specialist.business failed': recovered(100, 5200, 90, 0.96),
    'specialist.business slow': fine,
    'specialist.technical failed': fine,
    'specialist.technical slow': fine,
    'hive.plan failed': fine,
    'hive.plan slow': fine,
  },
  pod: {
    phases: [
      { name: 'noticed', ms: 40 },
      { name: 'back-off', ms: 1000 },
      { name: 'started', ms: 620 },
      { name: 'ready', ms: 3050 },
      { name: 'endpoint', ms: 310 },
      { name: 'first good request', ms: 120 },
    ],
  },
  timers: ['restart back-off 1 s', 'readiness probe every 1 s'],
});

const partition = (start: number): FaultRecord => ({
  name: 'partition-kafka',
  kind: 'partition-kafka',
  victim: 'kafka-2 (leader of intentions.business-0)',
  plannedAt: start + 40_000,
  appliedAt: start + 40_060,
  injectedAt: start + 41_020,
  removedAt: start + 49_240,
  status: 'injected',
  injection: {
    held: 'stalled for 900 ms',
    fresh: 'stalled for 900 ms',
    boundMs: 200,
    evidence: '6 links of kafka-2 are cut; kafka-2 left the ISR of 14 partitions',
  },
  removal: {
    held: 'ok in 6 ms',
    fresh: 'ok in 9 ms',
    boundMs: 100,
    evidence: 'no impairment on 6 links; kafka-2 is back in every ISR',
  },
  lease: { ttlMs: 15_000, holder: 'keeper 4702' },
  recovery: {
    held: recovered(0, 9800, 1580, 9700),
    fresh: recovered(0, 8300, 80, 8200),
    'gateway.intentions failed': recovered(500, 20_900, 12_680, 0.72, { flaps: 1 }),
    'gateway.intentions slow': recovered(300, 21_000, 12_780, 0.88, { flaps: 1 }),
    'hive.plan failed': {
      ...recovered(600, 60_000, 51_780, 0.81),
      status: 'censored',
      lossSeconds: 22.4,
    },
    'hive.plan slow': recovered(600, 9900, 1680, 1),
    'specialist.business failed': fine,
    'specialist.business slow': fine,
  },
  pod: null,
  timers: ['broker.session.timeout.ms 9 s', 'replica.lag.time.max.ms 30 s'],
});

const throttle = (start: number): FaultRecord => ({
  name: 'throttle-redis',
  kind: 'throttle-redis',
  victim: 'links gateway->redis (2)',
  plannedAt: start + 112_000,
  appliedAt: start + 112_050,
  injectedAt: start + 112_300,
  removedAt: start + 120_600,
  status: 'injected',
  injection: {
    held: 'slower by 81 ms',
    fresh: 'slower by 124 ms',
    boundMs: 100,
    evidence: 'PING took 82 ms (0.4 ms before); 31.6 kB/s of 32 kB/s passed',
  },
  removal: { held: 'ok in 1 ms', fresh: 'ok in 1 ms', boundMs: 100, evidence: 'no impairment on 2 links' },
  lease: { ttlMs: 15_000, holder: 'keeper 4702' },
  recovery: {
    held: recovered(0, 8300, 20, 126),
    fresh: recovered(0, 8340, 60, 241),
    'gateway.intentions failed': fine,
    'gateway.intentions slow': recovered(200, 8600, 300, 0.93),
  },
  pod: null,
  timers: [],
});

export const demoFaults = (start: number): FaultRecord[] => [kill(start), partition(start), throttle(start)];
