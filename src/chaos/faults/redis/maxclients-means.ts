/** The specification of redis-maxclients, what it must show, and the interface of each way to do it. */
import type { Ms } from '../../../core/units.ts';
import type { Fault } from '../../fault.ts';
import type { RedisExpectation } from './redis-proof.ts';

export const NAME = 'redis-maxclients';

export type MaxclientsSpec = { readonly service?: string; readonly node?: string; readonly for: Ms };

/** One way: it executes, proves and undoes its own plan. */
export type MaxclientsMeans<Act, Undo> = Pick<
  Fault<MaxclientsSpec, Act, Undo>,
  'permissions' | 'plan' | 'apply' | 'renew' | 'expect' | 'undoShape' | 'undo' | 'removed'
>;

export const EXPECTED: RedisExpectation = {
  // Redis sends its error and closes; through a proxy the close may come first.
  hit: [{ probe: 'answers', connection: 'fresh', as: [{ error: 'ERR max number of clients' }, 'reset'] }],
  spared: [{ probe: 'answers', connection: 'held' }],
  text: 'fresh connections are rejected, the held one continues',
};

/** What clients meet in either way. @param open connections. */
export const timersOf = (open: number): readonly string[] => [
  `${open === 1 ? '1 connection is open and stays' : `${open} connections are open and stay`}; a client that loses one cannot reconnect before the end.`,
  'Readiness checks on new connections fail: a supervisor may report Redis as not ready while its clients work.',
];
