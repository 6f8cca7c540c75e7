import { expect, it } from 'vitest';
import { difference, type TargetState } from '../../torture/target-state.ts';

const before: TargetState = {
  impaired: [],
  httpFaults: [],
  stopped: [],
  memory: [],
  topicSettings: ['1048588, inherited'],
  redisPauses: [],
  redisConfig: { maxclients: '10000', maxmemory: '0' },
  redisData: 'a',
  ready: ['gateway-1', 'gateway-2'],
  shrunken: [],
};

it('finds nothing where nothing differs', () => {
  expect(difference(before, structuredClone(before))).toEqual({ undo: [], byItself: [] });
});

it.each([
  [{ impaired: ['gateway->redis: x'] }, 'impaired: +gateway->redis: x'],
  [{ httpFaults: ['x'] }, 'httpFaults: +x'],
  [{ stopped: ['hive-1'] }, 'stopped: +hive-1'],
  [{ redisPauses: ['x'] }, 'redisPauses: +x'],
  [{ topicSettings: ['100'] }, 'topicSettings: -1048588, inherited, +100'],
  [{ redisConfig: { maxclients: '1', maxmemory: '0' } }, 'redisConfig: -maxclients 10000, +maxclients 1'],
  [{ redisData: 'b' }, 'redisData: -a, +b'],
] as const)('tells what an undo has to take back: %j', (change, text) => {
  expect(difference(before, { ...before, ...change })).toEqual({ undo: [text], byItself: [] });
});

it.each([
  [{ ready: ['gateway-2'] }, 'ready: -gateway-1'],
  [{ shrunken: ['t-0: leader 1, in sync 1'] }, 'shrunken: +t-0: leader 1, in sync 1'],
] as const)('tells apart what comes back by itself: %j', (change, text) => {
  expect(difference(before, { ...before, ...change })).toEqual({ undo: [], byItself: [text] });
});
