/**
 * The processes of this machine that are the instances of a service: by command line, listening port or pid
 * file. A process that only works for another one that also fits (a worker of a pool) is no instance.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { processStat } from '../proc.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';
import { listeningInodes } from './listening-inodes.ts';
import { startedAt } from './start-time.ts';

/** All that are given must hold. */
export interface ProcessFinder {
  /** Consecutive arguments of its command line; a program may be written without its folder. */
  readonly command?: string;
  /** It listens there, on TCP. */
  readonly port?: number;
  /** A file with its pid; an absolute path. */
  readonly pidFile?: string;
}

/** Oldest first. Empty: none runs, or none that this user may look at. */
export function findProcesses(finder: ProcessFinder): readonly ProcessIdentity[] {
  const { pidFile } = finder;
  const fitting = fittingIn(pidFile === undefined ? allPids() : (pidIn(pidFile) ?? []), finder);
  const own = ancestors();
  const found = fitting.filter(({ pid }) => !own.has(pid));
  return found
    .filter(({ parent }) => !found.some((other) => other.pid === parent))
    .map(({ pid, startTicks }) => ({ pid, startTicks }))
    .sort((a, b) => Number(a.startTicks) - Number(b.startTicks) || a.pid - b.pid);
}

/** Of all processes in the namespace that /proc shows. */
export const allPids = (): readonly number[] =>
  readdirSync('/proc').flatMap((name) => (isDigit(name) ? [Number(name)] : []));

/** No other entry of /proc begins with one. */
const isDigit = (name: string): boolean => name >= '0' && name < ':';

interface Seen extends ProcessIdentity {
  readonly parent: number;
}

/** Whether any of these processes fits, a worker of a pool too. */
export const anyFits = (finder: ProcessFinder, pids: readonly number[]): boolean =>
  fittingIn(pids, finder).length > 0;

/** The cheapest question first: on a usual machine hundreds of processes are asked. */
function fittingIn(pids: readonly number[], { command, port }: ProcessFinder): readonly Seen[] {
  const named = command === undefined ? pids : pids.filter((pid) => runs(argumentsOf(pid), command));
  if (named.length === 0) return [];
  const inodes = port === undefined ? undefined : listeningInodes(port);
  return named.flatMap((pid) => {
    if (inodes !== undefined && !holdsSocket(pid, inodes)) return [];
    const stat = processStat(pid);
    if (stat === undefined) return [];
    // Again: meanwhile the number may have been given to another process.
    if (command !== undefined && !runs(argumentsOf(pid), command)) return [];
    if (inodes !== undefined && !holdsSocket(pid, inodes)) return [];
    return [{ pid, startTicks: stat.startTicks, parent: parentOf(pid) }];
  });
}

/** Whether the words of a command stand side by side among the arguments of a process. */
export function runs(argv: readonly string[], command: string): boolean {
  const words = command.trim().split(/\s+/);
  const isWord = (given: string, word: string): boolean => given === word || basename(given) === word;
  return argv.some((_, at) =>
    words.every((word, index) => {
      const given = argv[at + index];
      return given !== undefined && isWord(given, word);
    }),
  );
}

/**
 * A pid file outlives its process, and the number is given to another one: a process that is younger than the
 * file is not the one that wrote it.
 */
function pidIn(file: string): readonly number[] | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    const stat = processStat(pid);
    if (stat === undefined) return undefined;
    return startedAt(stat.startTicks) <= statSync(file).mtimeMs + CLOCK_SLACK_MS ? [pid] : undefined;
  } catch {
    return undefined;
  }
}

/** A supervisor may write the file right before it starts the process. */
const CLOCK_SLACK_MS = 5000;

/** On TCP, in the network of this machine. */
export const listensOn = (pid: number, port: number): boolean => holdsSocket(pid, listeningInodes(port));

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  if (inodes.size === 0) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Empty: it has ended, or is a thread of the kernel. */
export function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** 0: it has ended, or its parent is outside of this namespace. */
export function parentOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** This process and those that started it: a shell whose command line has these words is no instance. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 1 && !found.has(pid); pid = parentOf(pid)) found.add(pid);
  return found;
}
