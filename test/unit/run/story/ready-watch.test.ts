/** The watch of ready instances in a run: one for each service that an objective names, as events. */
import { expect, it } from 'vitest';
import type { ReadySink } from '../../../../src/core/acts/ready-acts.ts';
import type { RunEventBody } from '../../../../src/core/events.ts';
import type { Objective } from '../../../../src/core/objective.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { watchReadyInstances } from '../../../../src/run/story/ready-watch.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const objective = (flow: string, kind: 'ready' | 'failed'): Objective => ({
  ...{ name: `${flow} ${kind}`, flow, indicator: { kind }, comparison: '>=', limit: 1, source: null },
  scope: { kind: 'phase', phase: 'baseline' },
});
const handle = { platform: 'kubernetes', identity: 'x' } as const;

it('reports each change, holes, and up to when it is complete; a service once', async () => {
  const sinks = new Map<string, ReadySink>();
  const ready = {
    async watch(service: string, sink: ReadySink) {
      if (service === 'cache') throw new Error('forbidden');
      sinks.set(service, sink);
      sink.ready(2, epochMs(10));
      return async () => epochMs(40);
    },
  };
  const events: RunEventBody[] = [];
  const objectives = [
    ...[objective('web', 'ready'), objective('web', 'ready'), objective('cache', 'ready')],
    objective('web.orders', 'failed'),
  ];
  const clock = new VirtualClock();
  const report = (event: RunEventBody) => void events.push(event);
  const end = await watchReadyInstances({ platform: { handle, ready }, objectives, clock, report });
  sinks.get('web')?.unwatched(epochMs(20), epochMs(30), 'cut');
  await end();
  expect(events).toEqual([
    { kind: 'instances-ready', service: 'web', ready: 2, since: 10 },
    { kind: 'instances-unwatched', service: 'cache', from: clock.now(), to: null, why: 'forbidden' },
    { kind: 'instances-unwatched', service: 'web', from: 20, to: 30, why: 'cut' },
    { kind: 'instances-watched', service: 'web', until: 40 },
  ]);
});

it('says where the platform does not report it', async () => {
  const events: RunEventBody[] = [];
  const platform = { handle: { ...handle, platform: 'none' as const } };
  await watchReadyInstances({
    ...{ platform, objectives: [objective('web', 'ready')], clock: new VirtualClock() },
    report: (event) => void events.push(event),
  });
  expect(events).toMatchObject([{ why: 'platform none does not report instances' }]);
});
