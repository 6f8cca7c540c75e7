/** One folder for all that unit tests write, which goes with them: thousands had stayed in /tmp. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    scratch: string;
  }
}

let folder = '';

export function setup(project: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-unit-'));
  project.provide('scratch', folder);
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
