import { describe, expect, it } from 'vitest';
import { requirePreconditions } from '../../../packages/sandbox/src/supervisor/preconditions.ts';
import type { Tools } from '../../../src/core/tools.ts';
import { programPath } from '../../../src/system/project.ts';
import { shopOf } from '../../fakes/sandbox-shop.ts';
import { defaultSystem } from '../../fakes/topology.ts';

const tools: Tools = {
  redis: { server: '/r/redis-server', libraryPath: null },
  java: '/j/java',
  kafka: { version: '4.3.1', classPath: ['/k/a.jar'], archive: null, bootstrapCheckpoint: '/k/b' },
};
const system = defaultSystem();
const fine = { exists: () => true, freeMb: () => 5000 };

describe('the preconditions of a sandbox', () => {
  it('are the tools, the compiled programs and room on the disk', () => {
    const found = requirePreconditions(system, tools, '/state/sandboxes', fine);
    expect(found.tools).toEqual(tools);
    expect(found.programs.proxy).toBe(programPath('packages/link-proxy/src/main'));
  });

  it('are refused with everything that is missing at once', () => {
    const hive = programPath('systems/neural-hive-mind/stand-ins/src/hive/main');
    const host = { exists: (path: string) => path !== hive, freeMb: () => 12.7 };
    const { java } = tools;
    expect(() => requirePreconditions(system, java ? { java } : {}, '/state/sandboxes', host)).toThrow(
      [
        'kafka: not found. Get it with: gauntlet doctor --fix',
        'redis: not found. Get it with: gauntlet doctor --fix',
        `${hive}: expected a compiled program, got nothing. Run: npm run build`,
        '/state/sandboxes: expected a writable folder with at least 300 MB of free disk, got 12 MB.',
      ].join('\n'),
    );
  });

  it('are those of the system: a program beside its file, and only the servers that it uses', () => {
    const shop = shopOf();
    const host = { ...fine, exists: (path: string) => !path.startsWith('/shop/') };
    expect(() => requirePreconditions(shop, tools, '/state/sandboxes', host)).toThrow(
      [
        'postgres: not found. Get it with: gauntlet doctor --fix --target TARGET',
        '/shop/web.mjs: expected the program of web, got nothing.',
        '/shop/orders.mjs: expected the program of orders, got nothing.',
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
    expect(() => requirePreconditions(system, tools, '/state/sandboxes', host)).toThrow(
      '/state/sandboxes: expected a writable folder with at least 300 MB of free disk, ' +
        "got EACCES: permission denied, mkdir '/state'.",
    );
  });
});
