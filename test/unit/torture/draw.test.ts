import { expect, it } from 'vitest';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import { plannedFault } from '../../../src/run/inject.ts';
import { describeDraw, drawRound, EDGES } from '../../torture/draw.ts';

const draws = Array.from({ length: 200 }, (_, index) => drawRound(42, index));

it('draws the same round from the same seed, whatever was drawn before', () => {
  for (const draw of draws) expect(drawRound(42, draw.index)).toEqual(draw);
  expect(draws.map(describeDraw)).not.toEqual(draws.map(({ index }) => describeDraw(drawRound(43, index))));
});

it('gives every registered fault its turn before any has a second one', () => {
  for (let from = 0; from + FAULTS.length <= draws.length; from += FAULTS.length) {
    const turn = draws.slice(from, from + FAULTS.length).map((one) => one.fault.name);
    expect([...turn].sort()).toEqual(FAULTS.map((one) => one.name).sort());
  }
});

it('draws what `gauntlet inject` accepts', () => {
  for (const { fault, parameters, holdFor } of draws) {
    const planned = plannedFault({ fault: fault.name, parameters, holdFor: holdFor ?? undefined });
    expect(planned.holdMs).toBe(holdFor === null ? null : 2000);
  }
});

it('kills the keeper in every fifth round, and half of them before the harness', () => {
  const killed = draws.filter((one) => one.keeper !== null);
  expect(killed.map((one) => one.index % 5)).toEqual(killed.map(() => 4));
  expect(killed).toHaveLength(40);
  expect(killed.filter((one) => one.keeper === 'before').length).toBeGreaterThan(10);
  expect(killed.filter((one) => one.keeper === 'after').length).toBeGreaterThan(10);
});

it('stops the harness in every seventh round instead of killing it, unless the keeper dies', () => {
  const hanging = draws.filter((one) => one.signal === 'SIGSTOP');
  expect(hanging.map((one) => one.index % 7)).toEqual(hanging.map(() => 6));
  expect(hanging.every((one) => one.keeper === null)).toBe(true);
  expect(hanging.length).toBeGreaterThan(20);
});

it('spreads two thirds of the instants over the whole course and the rest behind every edge', () => {
  const spread = draws.filter((one) => one.moment.after === 'start' && one.holdFor !== null);
  const delays = spread.map((one) => one.moment.delayMs).sort((a, b) => a - b);
  expect(delays[0]).toBeLessThan(200);
  expect(delays.at(-1)).toBeGreaterThan(4500);
  const middle = delays[Math.floor(delays.length / 2)];
  expect(middle).toBeGreaterThan(1900);
  expect(middle).toBeLessThan(2900);
  const edges = new Set(draws.map((one) => one.moment.after).filter((one) => one !== 'start'));
  expect([...edges].sort()).toEqual([...EDGES].sort());
});
