/** Where control groups are mounted, as /proc/self/mountinfo says it (proc_pid_mountinfo(5)). */
import { join, resolve } from 'node:path';
import { textIn } from './text-in.ts';

export interface CgroupMount {
  /** The group that the mount shows as its root. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  /** Of v1: its controllers are among them. */
  readonly options: readonly string[];
}

export const cgroupMounts = (proc = '/proc'): readonly CgroupMount[] =>
  (textIn(join(proc, 'self/mountinfo')) ?? '').split('\n').flatMap((line) => {
    const [fields = '', tail] = line.split(' - ');
    const [, , , root = '', point = ''] = fields.split(' ');
    const [type = '', , options = ''] = (tail ?? '').split(' ');
    return /^cgroup2?$/.test(type) ? [{ root, point, type, options: options.split(',') }] : [];
  });

/** The folder of a group, without a slash at its end. @param path as /proc/PID/cgroup has it. */
export const folderIn = ({ root, point }: CgroupMount, path: string): string =>
  resolve(join(point, root !== '/' && path.startsWith(root) ? path.slice(root.length) : path));
