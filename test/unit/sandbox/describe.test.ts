import { describe, expect, it } from 'vitest';
import { planLayout, USUAL_PORTS } from '../../../packages/sandbox/src/layout.ts';
import { describeSandbox } from '../../../packages/sandbox/src/supervisor/describe.ts';
import { specialistConfig } from '../../../packages/sandbox/src/supervisor/service-configs.ts';
import { thisHolder } from '../../../src/system/holder.ts';
import { sandboxPaths } from '../../../src/system/sandbox/state.ts';
import { readSpecialistConfig } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/config.ts';
import { SPECIALISTS } from '../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';

const layout = planLayout(17, USUAL_PORTS);
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
    expect(state.addresses).toContainEqual({ label: 'kafka-2', address: '127.17.30.2:9096' });
    expect(state.addresses).toContainEqual({ label: 'hive (health)', address: 'http://127.17.0.41:8000' });
  });

  it('says which settings explain recovery times, with the values that the programs have', () => {
    expect(state.timers).toMatchObject({
      'broker.session.timeout.ms': 2000,
      'min.insync.replicas': 2,
      'hive kafka session.timeout.ms': 6000,
      'gateway redis timeout': '5000 ms to connect and for each command',
      'gateway redis circuit breaker': 'open for 60000 ms after 5 failures',
    });
  });

  it('tells every specialist what its program accepts', () => {
    for (const name of SPECIALISTS) {
      const placed = layout.instances.find((one) => one.service === `specialist-${name}`);
      if (!placed) throw new Error(`no instance of ${name}`);
      expect(readSpecialistConfig(specialistConfig(layout, placed, name))).toMatchObject({
        specialist: name,
        instance: `specialist-${name}-1`,
        grpcPort: 50_051,
      });
    }
  });
});
