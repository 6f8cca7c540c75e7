/**
 * Before every unit test: it listens nowhere, opens no connection and starts no process or thread, and its temporary folders are
 * removed with the run. What does more is in test/integration.
 */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import workerThreads from 'node:worker_threads';
import { inject } from 'vitest';

process.env['TMPDIR'] = inject('scratch');

const refuse = (what: string) =>
  function refused(): never {
    throw new Error(`a unit test may not ${what}: this one belongs into test/integration`);
  };

Object.assign(net.Server.prototype, { listen: refuse('listen') });
Object.assign(net.Socket.prototype, { connect: refuse('open a connection') });
Object.assign(childProcess.ChildProcess.prototype, { spawn: refuse('start a process') });
const start = refuse('start a process');
Object.assign(childProcess, { spawnSync: start, execFileSync: start, execSync: start });
Object.assign(workerThreads, { Worker: refuse('start a thread') });
syncBuiltinESMExports();
