import { describe, expect, it } from 'vitest';
import { requirePreconditions } from '../../../packages/sandbox/src/supervisor/preconditions.ts';
import type { Tools } from '../../../src/core/tools.ts';
import { programPath } from '../../../src/system/project.ts';

const tools: Tools = {
  redis: { server: '/r/redis-server', libraryPath: null },
  java: '/j/java',
  kafka: { version: '4.3.1', classPath: ['/k/a.jar'], archive: null, bootstrapCheckpoint: '/k/b' },
};
const fine = { exists: () => true, freeMb: () => 5000 };

describe('the preconditions of a sandbox', () => {
  it('are the tools, the compiled programs and room on the disk', () => {
    const found = requirePreconditions(tools, '/state/sandboxes', fine);
    expect(found.tools).toEqual(tools);
    expect(found.programs.proxy).toBe(programPath('packages/link-proxy/src/main'));
  });

  it('are refused with everything that is missing at once', () => {
    const hive = programPath('systems/neural-hive-mind/stand-ins/src/hive/main');
    const host = { exists: (path: string) => path !== hive, freeMb: () => 12.7 };
    const { java } = tools;
    expect(() => requirePreconditions(java ? { java } : {}, '/state/sandboxes', host)).toThrow(
      [
        'redis: not found. Get it with: gauntlet doctor --fix',
        'kafka: not found. Get it with: gauntlet doctor --fix',
        `${hive}: expected a compiled program, got nothing. Run: npm run build`,
        '/state/sandboxes: expected a writable folder with at least 300 MB of free disk, got 12 MB.',
      ].join('\n'),
    );
  });

  it('say why a folder cannot be used', () => {
    const host = {
      ...fine,
      freeMb: () => {
        throw new Error("EACCES: permission denied, mkdir '/state'");
      },
    };
    expect(() => requirePreconditions(tools, '/state/sandboxes', host)).toThrow(
      '/state/sandboxes: expected a writable folder with at least 300 MB of free disk, ' +
        "got EACCES: permission denied, mkdir '/state'.",
    );
  });
});
