import { describe, expect, it } from 'vitest';
import { describeSandbox } from '../../../packages/sandbox/src/supervisor/describe.ts';
import { planLayout } from '../../../src/core/sandbox/layout.ts';
import { thisHolder } from '../../../src/system/holder.ts';
import { sandboxPaths } from '../../../src/system/sandbox/state.ts';
import { defaultSystem } from '../../fakes/topology.ts';

const layout = planLayout(defaultSystem(), 17);
const state = describeSandbox({
  name: 'demo',
  paths: sandboxPaths('/state/sandboxes', 'demo'),
  layout,
  supervisor: { ...thisHolder(), pid: 7, startTicks: '70' },
  reaper: { ...thisHolder(), pid: 8, startTicks: '80' },
  controlSocket: '/s/control.sock',
  proxySocket: '/s/proxy.sock',
  startedAt: new Date(0),
});

describe('the description of a running sandbox', () => {
  it('is data: it survives the way to a file and back', () => {
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(state.stateFile).toBe('/state/sandboxes/demo/sandbox.json');
    expect(state.startedAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('names every address once', () => {
    const labels = state.addresses.map((one) => one.label);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labels).toEqual(expect.arrayContaining(['gateway', 'gateway (probe)', 'kafka-2 (probe)', 'hive']));
  });

  it('says which settings explain recovery times: those of Kafka, and durations in the system file', () => {
    expect(state.timers).toMatchObject({
      'broker.session.timeout.ms': 2000,
      'min.insync.replicas': 2,
      'hive KAFKA_SESSION_TIMEOUT_MS': '6000',
      'gateway REDIS_BREAKER_OPEN_MS': '60000',
    });
  });

  it('says which system it runs', () => {
    expect(state.system).toMatchObject({
      name: 'neural-hive-mind',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});
