/** Runs the built CLI as a user would, in state and report folders of its own; ends whatever it left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../../src/system/project.ts';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stdout or stderr has said it. */
  said(text: string): Promise<void>;
  /** What it has written so far. */
  output(): string;
}

export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'gauntlet-e2e-'));
  readonly state = join(this.folder, 'state');

  start(args: readonly string[]): Running {
    const child = spawn(process.execPath, [programPath('src/cli/main'), ...args], {
      env: { ...process.env, GAUNTLET_STATE_DIR: this.state, NO_COLOR: '1', CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    const waiting: { text: string; resolve: () => void }[] = [];
    const look = (): void => {
      for (const one of waiting) if (`${stdout}${stderr}`.includes(one.text)) one.resolve();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      look();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      look();
    });
    const finished = new Promise<Finished>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve });
        void finished.then(() => reject(new Error(`ended without saying ${text}:\n${stdout}\n${stderr}`)));
        look();
      });
    return { child, finished, said, output: () => `${stdout}\n${stderr}` };
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(args).finished;
  }

  /** Command lines of living processes that belong to this bench: they name its folder. */
  leftovers(containing = ''): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return line.includes(this.folder) && line.includes(containing)
            ? [`${pid} ${line.slice(0, 160)}`]
            : [];
        } catch {
          return [];
        }
      });
  }

  /** Waits until nothing of this bench runs any more, at most so long. */
  async quiet(withinMs: number, containing = ''): Promise<string[]> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const left = this.leftovers(containing);
      if (left.length === 0 || Date.now() > deadline) return left;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
