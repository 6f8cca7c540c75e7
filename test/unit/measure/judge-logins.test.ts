import { describe, expect, it } from 'vitest';
import { isRefusedLogin, refusedLoginWord } from '../../../src/core/login.ts';
import { judgeLogins } from '../../../src/measure/judge-logins.ts';

describe("the run's own logins", () => {
  it('that were refused make a run INVALID, each probe with its count', () => {
    const refused = { probe: 'cache:write', outcome: refusedLoginWord('Redis', 'user chaos') };
    const other = { probe: 'bus-1', outcome: refusedLoginWord('Kafka', 'user chaos') };
    const fine = ['ok', 'ok, renewed', 'refused', 'reset', 'stalled', 'LOADING Redis is loading'].map(
      (outcome) => ({ probe: 'cache:write', outcome }),
    );
    expect(judgeLogins(fine)).toEqual([]);
    expect(judgeLogins([...fine, refused, other, refused])).toEqual([
      {
        status: 'INVALID',
        text:
          "cache:write: Redis refused the login of user chaos 2 times during the run: that is the run's own login, and " +
          'no failure of the target. Check whether it was changed, locked or removed.',
      },
      {
        status: 'INVALID',
        text:
          "bus-1: Kafka refused the login of user chaos once during the run: that is the run's own login, and no " +
          'failure of the target. Check whether it was changed, locked or removed.',
      },
    ]);
  });

  it('have one word for all servers, with and without a user', () => {
    expect(refusedLoginWord('Redis')).toBe('Redis refused the login');
    expect([refusedLoginWord('Redis'), refusedLoginWord('PostgreSQL', 'user a')].map(isRefusedLogin)).toEqual(
      [true, true],
    );
    expect(isRefusedLogin('refused')).toBe(false);
  });
});
