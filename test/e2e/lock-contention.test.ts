/** Two processes of the compiled program, as two users in one home would be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { programPath } from '../../src/system/project.ts';
import { pinnedK6 } from '../../src/system/toolchain/k6.ts';
import { type Machine, machine } from '../integration/toolchain/fixtures.ts';
import { signalProcess } from '../support/signal-process.ts';

/** Resolves when the file is there; the watcher is set up first, so that nothing is missed. */
async function appears(folder: string, name: string): Promise<void> {
  const watcher = watch(folder);
  try {
    while (!existsSync(join(folder, name))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

function fixK6(own: Machine) {
  const program = `
    const { fixParts } = await import(${JSON.stringify(programPath('src/system/toolchain/parts'))});
    const ctx = { ...${JSON.stringify(own.ctx)}, progress: (text) => console.log('said', text) };
    console.log('done', JSON.stringify(await fixParts(['k6'], ctx)));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  return { pid: child.pid ?? 0, says, ended: once(child, 'close'), output: () => output };
}

describe('two processes that miss the same part', () => {
  it('build it once: the second waits, names the first, and uses its build', async () => {
    const own = machine();
    const ready = join(own.folder, 'go-on');
    own.program(
      'go',
      `echo built >> ${own.folder}/builds
      while [ ! -e ${ready} ]; do /bin/sleep 0.02; done
      while [ "$1" != -o ]; do shift; done
      printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$2"; /bin/chmod +x "$2"`,
    );
    const first = fixK6(own);
    await appears(own.folder, 'builds');
    const second = fixK6(own);
    await second.says(`said waiting for another gauntlet (pid ${first.pid}) that is building k6\n`);
    writeFileSync(ready, '');
    expect((await first.ended)[0]).toBe(0);
    expect((await second.ended)[0]).toBe(0);
    expect(readFileSync(join(own.folder, 'builds'), 'utf8')).toBe('built\n');
    const path = join(own.cache, `k6-${pinnedK6()}`, 'k6');
    expect(first.output()).toContain(`"path":"${path}","origin":"build with Go"`);
    expect(second.output()).toContain(`"path":"${path}","origin":"cache"`);
  });

  it('does not wait for a builder that was killed', async () => {
    const own = machine();
    own.program(
      'go',
      `echo $$ > ${own.folder}/pid; /bin/mv ${own.folder}/pid ${own.folder}/go-pid; exec /bin/sleep 60`,
    );
    const first = fixK6(own);
    await appears(own.folder, 'go-pid');
    signalProcess(first.pid, 'SIGKILL');
    await first.ended;
    signalProcess(Number(readFileSync(join(own.folder, 'go-pid'), 'utf8')), 'SIGKILL');
    own.program(
      'go',
      `while [ "$1" != -o ]; do shift; done; printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$2"; /bin/chmod +x "$2"`,
    );
    const second = fixK6(own);
    await second.ended;
    expect(second.output()).not.toContain('waiting');
    expect(second.output()).toContain('"origin":"build with Go"');
  });
});
