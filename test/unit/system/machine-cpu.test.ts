import { expect, it } from 'vitest';
import { busyRatio, parseCpu } from '../../../src/system/machine-cpu.ts';

const stat = (idle: number, user: number): string =>
  `cpu  ${user} 0 50 ${idle} 10 0 5 0 3 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n`;

it('counts idle and waiting for disks as free, and guest time once', () => {
  expect(parseCpu(stat(900, 100))).toEqual({ busyTicks: 155, allTicks: 1065 });
});

it('is the busy share of the ticks that passed, and 0 when none did', () => {
  const from = parseCpu(stat(900, 100));
  expect(busyRatio(from, parseCpu(stat(925, 175)))).toBe(0.75);
  expect(busyRatio(from, from)).toBe(0);
});
