import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/errors.ts';
import { environmentProblem } from '../../../src/core/system-errors.ts';

const systemError = (code: string, more: object = {}): Error =>
  Object.assign(new Error(code), { code, ...more });
const said = (thrown: unknown): string | undefined => {
  const problem = environmentProblem(thrown);
  return problem && formatProblem(problem);
};

describe('trouble of the environment', () => {
  it('names the path, the code and what to do', () => {
    expect(said(systemError('ENOSPC', { path: '/var/x', syscall: 'write' }))).toBe(
      '/var/x: expected room on its disk, got ENOSPC (write). Make room, or choose another folder.',
    );
    expect(said(systemError('EMFILE', { syscall: 'open', path: '/etc/hosts' }))).toBe(
      '/etc/hosts: expected to open another file or connection, got EMFILE (open). Raise the limit of open files (ulimit -n 65536), or close what holds them.',
    );
    expect(said(systemError('EADDRINUSE', { address: '::1', port: 80, syscall: 'listen' }))).toBe(
      '::1 port 80: expected an address that is free, got EADDRINUSE (listen). Find its process with ss -ltnp, then stop it or choose another address.',
    );
    expect(said(systemError('E2BIG', { syscall: 'spawn' }))).toMatch(
      /^this machine: expected arguments and environment/,
    );
  });

  it('is found in causes, in what Node wraps, and in several errors of which each is such trouble', () => {
    const full = systemError('ENOSPC', { path: '/x' });
    expect(said(new Error('not written', { cause: full }))).toMatch(/^\/x: expected room/);
    expect(said(systemError('ERR_SYSTEM_ERROR', { info: full }))).toMatch(/^\/x: expected room/);
    expect(said(new AggregateError([full, systemError('EACCES')]))).toMatch(/^\/x: expected room/);
    expect(said(new AggregateError([full, new TypeError('x is not a function')]))).toBeUndefined();
  });

  it('is nothing that a defect throws', () => {
    for (const thrown of [
      new TypeError('x'),
      systemError('ERR_INVALID_ARG_TYPE'),
      'ENOSPC',
      null,
      undefined,
      {},
    ])
      expect(said(thrown)).toBeUndefined();
    expect(said(systemError('toString'))).toBeUndefined();
  });

  it('has a row for each code that files, programs and connections fail with here', () => {
    const programmers =
      /^E(2BIG|BADF|BADMSG|FAULT|INVAL|DOM|RANGE|ILSEQ|INTR|CANCELED|CHILD|DEADLK|DESTADDRREQ|INPROGRESS|ALREADY|ISCONN|NOTCONN|NOTSOCK|NOTSUP|OPNOTSUPP|NOSYS|NOTTY|SPIPE|SRCH|PROTO|WOULDBLOCK)/;
    const rare =
      /^E(IDRM|LIBACC|MLINK|MSGSIZE|MULTIHOP|NETRESET|NOBUFS|NODATA|NOLCK|NOLINK|NOMSG|NOPROTOOPT|NOSR|NOSTR|NXIO|OVERFLOW|TIME$)/;
    const missing = Object.keys(constants.errno).filter(
      (code) => !programmers.test(code) && !rare.test(code) && said(systemError(code)) === undefined,
    );
    expect(missing).toEqual([]);
  });
});
