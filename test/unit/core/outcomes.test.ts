import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../src/core/outcomes.ts';

const sideOf = (word: string): string => meaningOf(word).side;

describe('whose doing an outcome is', () => {
  it('is ours where the request died on this machine, or because of how it was sent', () => {
    const words = [
      'script-error',
      'invalid-url',
      'invalid-header',
      'no-such-host',
      'error-1100',
      'error-1110',
    ];
    const errnos = [1, 11, 12, 13, 22, 23, 24, 97, 98, 99, 105].map((errno) => `errno-${errno}`);
    const tokens = ['token-refused', 'token-expired'];
    const all = [...words, ...tokens, 'error-1111', 'error-1301', 'error-1310', 'error-1311', ...errnos];
    expect(all.filter((word) => sideOf(word) !== 'ours')).toEqual([]);
    expect(all.filter((word) => !meaningOf(word).next)).toEqual([]);
  });

  it('is the network where nothing answered, and the system where something did', () => {
    const network = ['dial-failed', 'dial-timeout', 'connect-failed', 'errno-101', 'errno-113', 'errno-4711'];
    expect(network.filter((word) => sideOf(word) !== 'network')).toEqual([]);
    const answered = [
      'timeout',
      'reset',
      'refused',
      'closed',
      'broken-pipe',
      'http-307',
      'http-503',
      'grpc-14',
    ];
    const h2 = Array.from({ length: 70 }, (_, index) => `error-${1600 + index}`);
    const all = [...answered, ...h2, 'error-1000', 'error-1300', 'error-1701', 'duplicate', 'error-body'];
    expect(all.filter((word) => sideOf(word) !== 'system')).toEqual([]);
  });

  it('is the same in each step of a journey', () => {
    expect(meaningOf('read-errno-24')).toEqual(meaningOf('errno-24'));
    expect(meaningOf('check-out-no-such-host')).toEqual(meaningOf('no-such-host'));
    expect(meaningOf('cart-error-1310')).toEqual(meaningOf('error-1310'));
    expect(meaningOf('cart-dial-timeout')).toEqual(meaningOf('dial-timeout'));
    expect(meaningOf('read-http-404')).toEqual({ side: 'system', means: 'read-http-404' });
  });
});
