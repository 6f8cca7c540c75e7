/** A memory group for the victims of one test file, so that what a stress leaves there is not another file's. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { memoryGroupOf, removeGroup, whyNoGroupIn } from '../../src/system/memory-cgroup.ts';

const outer = memoryGroupOf(process.pid);
/** Null: memory stress is possible here. */
export const lacksMemoryGroups: string | null = whyNoGroupIn(outer);

export class MemoryHome {
  readonly group = join(outer ?? '/', `gauntlet-test-${process.pid}-${Date.now()}`);

  constructor() {
    if (lacksMemoryGroups === null) mkdirSync(this.group);
  }

  /** Before a command of `/bin/sh`: it and what it starts live there. */
  readonly enter = lacksMemoryGroups === null ? `echo $$ > '${this.group}/cgroup.procs'; ` : '';

  /** Groups of memory stresses that are there. */
  left(): readonly string[] {
    if (lacksMemoryGroups !== null) return [];
    return readdirSync(this.group).filter((one) => one.startsWith('gauntlet-memory-stress'));
  }

  /** Processes in it move to the group around it. */
  async remove(): Promise<void> {
    if (lacksMemoryGroups === null) await removeGroup(this.group);
  }
}
