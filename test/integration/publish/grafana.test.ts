/** Faults of a night as annotations of Grafana: regions to the millisecond, the same however often they are pushed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receivers } from '../../../src/core/receivers.ts';
import { type GrafanaRights, type StubGrafana, stubGrafana } from '../../fakes/receivers/stub-grafana.ts';
import { alone, fault, night, type Rig, rig } from './rig.ts';

const token = 'glsa_4f1c0a526f1c4f1c0a526f1c';
let grafana: StubGrafana;
let own: Rig;
const start = async (may?: GrafanaRights['may']): Promise<void> => {
  grafana = await stubGrafana({ token, ...(may && { may }) });
};
beforeEach(() => {
  own = rig();
  own.env['GRAFANA_TOKEN'] = token;
});
afterEach(async () => {
  own.close();
  await grafana.close();
});

const to = (dashboard: string | null = null): Receivers => ({
  grafana: {
    ...{ url: { from: 'text', url: `${grafana.base}/` }, dashboard, insecure: false },
    token: { from: 'env', name: 'GRAFANA_TOKEN' },
  },
});
const texts = (told: readonly { readonly text: string }[]): string[] =>
  told.map((one) => one.text.replace(grafana.base, 'BASE'));

describe('faults in Grafana', () => {
  it('are regions from injection to removal, to the millisecond, with tags that find them', async () => {
    await start();
    const faults = [fault(), fault({ name: 'throttle-redis@2', kind: 'throttle-redis', injectedAt: null })];
    expect(texts(await own.push(to(), alone(night(10, 'FAIL', { faults }))))).toEqual([
      'grafana (BASE): 1 annotations created, 0 changed, 0 removed, 0 as they were.',
    ]);
    expect(grafana.stored).toEqual([
      {
        ...{ id: 1, dashboardUID: '', time: 1_796_000_000_123, timeEnd: 1_796_000_008_457 },
        tags: [
          ...['gauntlet', 'run:2026-11-10T02-00-00-nightly-k3f9', 'fault:kill-pod', 'kind:kill-pod'],
          ...['campaign:nightly', 'environment:staging', 'verdict:FAIL'],
        ],
        text: 'kill-pod on shop-2: 8.3 s<br>FAIL, run 2026-11-10T02-00-00-nightly-k3f9',
      },
    ]);
  });

  it('are not doubled by a second push, which changes nothing', async () => {
    await start();
    const input = alone(
      night(10, 'PASS', { faults: [fault(), fault({ name: 'kill-pod@2', kind: 'kill-pod' })] }),
    );
    await own.push(to(), input);
    const before = structuredClone(grafana.stored);
    grafana.asked.length = 0;
    const [told] = await own.push(to(), input);
    expect(told).toMatchObject({ status: 'nothing-to-do' });
    expect(texts([told as { text: string }])).toEqual([
      'grafana (BASE): 0 annotations created, 0 changed, 0 removed, 2 as they were.',
    ]);
    expect(grafana.stored).toEqual(before);
    expect(grafana.asked.map((one) => one.method)).toEqual(['GET']);
  });

  it('that were judged again are changed, those that are gone are removed, doubled ones too', async () => {
    await start();
    const faults = [fault(), fault({ name: 'cut-link', kind: 'cut-link' })];
    await own.push(to(), alone(night(10, 'FAIL', { faults })));
    // A second writer at the same moment, and a tag that a person added.
    const [first] = grafana.stored;
    grafana.stored.push({ ...structuredClone(first as (typeof grafana.stored)[number]), id: 77 });
    first?.tags.push('JIRA-12');
    const told = await own.push(
      to(),
      alone(night(10, 'PASS', { faults: [fault({ removedAt: 1_796_000_009_000 })] })),
    );
    expect(texts(told)).toEqual([
      'grafana (BASE): 0 annotations created, 1 changed, 2 removed, 0 as they were.',
    ]);
    expect(grafana.stored).toHaveLength(1);
    expect(grafana.stored[0]).toMatchObject({ timeEnd: 1_796_000_009_000 });
    expect([...(grafana.stored[0]?.tags ?? [])].filter((one) => /^verdict|JIRA/.test(one))).toEqual(
      grafana.stored[0]?.id === 77 ? ['verdict:PASS'] : ['verdict:PASS', 'JIRA-12'],
    );
  });

  it('touch no annotation of another run, and none that people made', async () => {
    await start();
    const run = 'run:2026-11-10T02-00-00-nightly-k3f9';
    grafana.stored.push({
      id: 90,
      dashboardUID: '',
      time: 1,
      timeEnd: 1,
      text: 'deploy',
      tags: ['gauntlet', run],
    });
    await own.push(to(), alone(night(11, 'PASS', { faults: [fault()] })));
    await own.push(to(), alone(night(10, 'PASS', { faults: [] })));
    expect(grafana.stored.map((one) => one.text.slice(0, 8))).toEqual(['deploy', 'kill-pod']);
  });

  it('are found beyond the 100 that Grafana answers with by default', async () => {
    await start();
    const faults = Array.from({ length: 130 }, (_, index) => fault({ name: `kill-pod@${index + 1}` }));
    const input = alone(night(10, 'PASS', { faults }));
    await own.push(to(), input);
    await own.push(to(), input);
    expect(grafana.stored).toHaveLength(130);
  });

  it('that were not removed are open and say RESIDUE; the removal closes them', async () => {
    await start();
    const open = fault({ status: 'residue', removedAt: null });
    await own.push(to(), alone(night(10, 'RESIDUE', { faults: [open] })));
    expect(grafana.stored[0]).toMatchObject({ time: 1_796_000_000_123, timeEnd: 1_796_000_000_123 });
    expect(grafana.stored[0]?.tags).toContain('residue');
    expect(grafana.stored[0]?.text).toMatch(/^kill-pod on shop-2: RESIDUE<br>RESIDUE, run /);
    await own.push(to(), alone(night(10, 'FAIL', { faults: [fault()] })));
    expect(grafana.stored).toMatchObject([{ timeEnd: 1_796_000_008_457 }]);
    expect(grafana.stored[0]?.tags).not.toContain('residue');
  });

  it('move to another dashboard, since an annotation cannot', async () => {
    await start();
    const input = alone(night(10, 'PASS', { faults: [fault()] }));
    await own.push(to(), input);
    await own.push(to('gauntlet'), input);
    await own.push(to('gauntlet'), input);
    expect(grafana.stored.map((one) => one.dashboardUID)).toEqual(['gauntlet']);
  });

  it('show names of others as text, never as markup', async () => {
    await start();
    const victim = '<img src=x onerror=alert(1)>\u001b[2J';
    await own.push(
      to(),
      alone(night(10, 'PASS', { faults: [fault({ victim })], report: 'https://ci/1?a=1&b=2' })),
    );
    expect(grafana.stored[0]?.text).toBe(
      'kill-pod on &lt;img src=x onerror=alert(1)&gt; [2J: 8.3 s<br>PASS, run 2026-11-10T02-00-00-nightly-k3f9<br><a href="https://ci/1?a=1&amp;b=2">report</a>',
    );
  });

  it.each([
    [['create', 'write', 'delete'], 'read annotations', 'read'],
    [['read', 'write', 'delete'], 'create an annotation', 'create'],
  ] as const)('say which right is missing: %j', async (may, what, right) => {
    await start(may);
    const told = await own.push(to(), alone(night(10, 'PASS', { faults: [fault()] })));
    expect(texts(told)).toEqual([
      `grafana (BASE): it refuses to ${what} (HTTP 403): You'll need additional permissions to perform this action. Permissions needed: annotations:${right}. Give the service account of its token the permission annotations:${right}.`,
    ]);
    expect(grafana.stored).toEqual([]);
  });

  it('need a token that is accepted, and no answer holds it', async () => {
    await start();
    own.env['GRAFANA_TOKEN'] = 'glsa_of_another_grafana';
    grafana.next.push({ status: 401, body: '{"message":"bad token glsa_of_another_grafana"}' });
    const told = await own.push(to(), alone(night(10, 'PASS', { faults: [fault()] })));
    expect(texts(told)).toEqual([
      'grafana (BASE): it refuses to read annotations (HTTP 401): bad token [env:GRAFANA_TOKEN]. Check its token: it may have expired, or belong to another Grafana.',
    ]);
  });

  it('are not created twice where the answer was lost: the next push finds them', async () => {
    await start();
    const input = alone(night(10, 'PASS', { faults: [fault()] }));
    const answers = [
      { status: 200, body: '[]' },
      { status: 500, body: 'gone' },
    ];
    grafana.next.push(...answers);
    expect((await own.push(to(), input))[0]).toMatchObject({ status: 'failed' });
    expect(grafana.asked.map((one) => one.method)).toEqual(['GET', 'POST']);
    await own.push(to(), input);
    expect(grafana.stored).toHaveLength(1);
  });
});
