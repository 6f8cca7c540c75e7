import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inodeOf } from '../../../../src/system/processes/listening-inodes.ts';
import { runs } from '../../../../src/system/processes/process-finder.ts';

const word = fc.stringMatching(/^[a-z0-9.:=_-]{1,12}$/);

describe('the command of a service', () => {
  it('fits consecutive arguments, a program without its folder too', () => {
    const argv = ['/usr/bin/python3', '/opt/venv/bin/uvicorn', 'api.main:app', '--port', '8200'];
    expect(runs(argv, 'uvicorn api.main:app')).toBe(true);
    expect(runs(argv, '/opt/venv/bin/uvicorn api.main:app --port 8200')).toBe(true);
    expect(runs(argv, 'python3')).toBe(true);
    expect(runs(argv, 'uvicorn --port')).toBe(false);
    expect(runs(argv, 'uvicorn api.main')).toBe(false);
  });

  it('does not fit a shell that has it as one argument, nor a part of a word', () => {
    expect(runs(['sh', '-c', 'uvicorn api.main:app'], 'uvicorn api.main:app')).toBe(false);
    expect(runs(['vim', 'server.mjs.bak'], 'server.mjs')).toBe(false);
  });

  it('fits wherever it stands, and never without its last word', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.array(word, { maxLength: 3 }),
        fc.array(word, { maxLength: 3 }),
        (command, before, after) => {
          expect(runs([...before, ...command, ...after], command.join('  '))).toBe(true);
          expect(runs(command.slice(0, -1), command.join(' '))).toBe(false);
        },
      ),
    );
  });
});

describe('a line of /proc/net/tcp', () => {
  const line = (state: string) =>
    `   0: 0100007F:1F90 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 48213 1 0000000000000000 100 0 0 10 0`;

  it('is the socket of a listener on the port', () => {
    expect(inodeOf(line('0A'), 8080)).toBe('48213');
    expect(inodeOf(line('0A'), 8081)).toBeUndefined();
  });

  it('is no listener when the socket is connected', () => {
    expect(inodeOf(line('01'), 8080)).toBeUndefined();
  });
});
