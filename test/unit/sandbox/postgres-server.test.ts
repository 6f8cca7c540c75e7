import { describe, expect, it } from 'vitest';
import { postgresCommand } from '../../../packages/sandbox/src/supervisor/postgres-server.ts';

const tool = { bin: '/pg/bin', libraryPath: null };
const place = { folder: '/data/store-1', socket: { host: '127.17.0.9', port: 5432 }, database: 'shop' };

describe('a PostgreSQL of the sandbox', () => {
  it('listens on its one address, and keeps nothing outside of its folder', () => {
    const { argv } = postgresCommand(tool, place, false);
    expect(argv.slice(0, 5)).toEqual(['/pg/bin/postgres', '-D', '/data/store-1', '-p', '5432']);
    expect(argv).toContain('listen_addresses=127.17.0.9');
    expect(argv).toContain('unix_socket_directories=');
  });

  it('is not run as root, which it refuses: root gets another id in a namespace of its own', () => {
    const { prepare, argv } = postgresCommand({ ...tool, libraryPath: '/l' }, place, true);
    const outside = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
    expect(argv.slice(0, 8)).toEqual([...outside, '/usr/bin/env', 'LD_LIBRARY_PATH=/l', '/pg/bin/postgres']);
    expect(prepare.slice(0, 5)).toEqual(outside);
    expect(prepare.slice(-3)).toEqual(['/pg/bin', '/data/store-1', 'shop']);
  });
});
