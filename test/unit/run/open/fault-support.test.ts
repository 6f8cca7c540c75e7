import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../src/chaos/faults/registry.ts';
import type { Platform } from '../../../../src/core/acts/platform.ts';
import { GauntletError } from '../../../../src/core/errors.ts';
import { faultSupportText } from '../../../../src/report/doctor-text.ts';
import { faultSupport } from '../../../../src/run/open/fault-support.ts';
import { OPEN_POLICY, stages } from '../../chaos/stage.ts';

const stage = stages();

describe('which faults work on a target', () => {
  it('all do where the platform has every act, and each names whom it would take', async () => {
    const { world, target } = stage();
    const rows = await faultSupport(world, OPEN_POLICY);
    expect(rows.filter((row) => !row.works)).toEqual([]);
    expect(rows.map((row) => row.fault)).toEqual(FAULTS.map((fault) => fault.name));
    expect(rows.find((row) => row.fault === 'cut-link')?.victim).toBe('web->redis');
    expect(target.acts).toEqual([]);
  });

  it('with names of its own where those of the example are not there', async () => {
    const { world } = stage();
    const { instances, links } = world.platform;
    const platform: Platform = {
      ...world.platform,
      ...(instances && {
        instances: {
          ...instances,
          list: async () => (await instances.list()).map((one) => ({ ...one, service: 'shop' })),
        },
      }),
      ...(links && {
        links: { ...links, list: async () => (await links.list()).filter((one) => one.from === 'probe') },
      }),
    };
    const rows = await faultSupport({ ...world, platform }, OPEN_POLICY);
    const of = (name: string) => rows.find((row) => row.fault === name);
    expect(of('kill-pod')).toMatchObject({
      works: true,
      tried: 'kill-pod: { service: "shop", signal: "SIGKILL" }',
    });
    expect(of('cut-link')?.victim).toMatch(/^probe->/);
  });

  it('with the services of a system whose instances are not known, for faults on their requests', async () => {
    const { world } = stage();
    const { instances: _, http, links, topology, ...others } = world.platform;
    if (links === undefined || http === undefined) throw new Error('no links');
    const platform: Platform = {
      ...{ ...others, http, topology },
      links: { ...links, list: async () => (await links.list()).filter((one) => one.to !== 'orders') },
    };
    const to = (await links.list()).find((one) => one.to === 'web');
    if (to === undefined) throw new Error('no link');
    const payments = { ...to, name: 'web->payments', from: 'web', to: 'payments' };
    const list = async () => [...((await platform.links?.list()) ?? []), payments];
    const rows = await faultSupport(
      { ...world, platform: { ...platform, links: { ...links, list } } },
      OPEN_POLICY,
    );
    expect(rows.find((row) => row.fault === 'grpc-fault')).toMatchObject({
      works: true,
      tried: expect.stringContaining('service: "payments"'),
    });
  });

  it('in a second way where only a platform like this one has it, told from the first', async () => {
    const { world } = stage();
    const { instances } = world.platform;
    if (instances === undefined) throw new Error('no instances');
    const orders = {
      preview: async () => {
        throw new GauntletError('refused', [
          { subject: 'kubernetes.backend', expected: 'Chaos Mesh', got: 'none' },
        ]);
      },
      give: async () => undefined,
      withdraw: async () => undefined,
    };
    const platform: Platform = { ...world.platform, instances: { ...instances, orders } };
    const rows = await faultSupport({ ...world, platform }, OPEN_POLICY);
    expect(
      rows.filter((row) => row.fault === 'kill-pod').map(({ works, reasons }) => [works, reasons]),
    ).toEqual([
      [true, []],
      [false, ['kubernetes.backend: expected Chaos Mesh, got none.']],
    ]);
  });

  it('none does without acts but the control, with the words of the fault itself', async () => {
    const { world } = stage();
    const { handle, topology } = world.platform;
    const rows = await faultSupport({ ...world, platform: { handle, topology } }, OPEN_POLICY);
    expect(rows.filter((row) => row.works).map((row) => row.fault)).toEqual(['noop']);
    expect(rows.find((row) => row.fault === 'cpu-stress')?.reasons).toEqual([
      'expected a platform with instances that can be signalled (instances), got platform kubernetes, which has none. Run it on the sandbox, or leave this fault out.',
      'expected a platform with CPUs that can be shared with spinners (stress), got platform kubernetes, which has none. Run it on the sandbox, or leave this fault out.',
    ]);
  });

  it('none that touches something does on a target that did not opt in', async () => {
    const { world } = stage();
    const rows = await faultSupport(world, { ...OPEN_POLICY, optIn: false });
    expect(rows.filter((row) => row.works).map((row) => row.fault)).toEqual(['noop']);
    expect(rows.find((row) => row.fault === 'kill-pod')?.reasons).toEqual([
      'policy.optIn: expected true, got false. A target must allow faults in its own file: policy: { optIn: true }.',
    ]);
  });
});

describe('the table of faults', () => {
  it('tells a reason that several have once', () => {
    const no = (fault: string, ...reasons: string[]) => ({
      fault,
      works: false,
      tried: '',
      victim: null,
      reasons,
    });
    const rows = [
      {
        fault: 'kill-pod',
        works: true,
        tried: 'kill-pod: { service: "a" }',
        victim: 'a-1 (uid 1)',
        reasons: [],
      },
      no('cut-link', 'opt in.', 'no links.'),
      no('noop', 'opt in.'),
    ];
    expect(faultSupportText('staging', rows)).toBe(
      [
        'Faults on staging: 1 of 3 work here',
        '  kill-pod  works  would take a-1 (uid 1) (kill-pod: { service: "a" })',
        '  cut-link  no     [1] no links.',
        '  noop      no     [1]',
        '  [1] opt in.',
      ].join('\n'),
    );
  });
});
