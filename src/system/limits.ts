/** The kernel's limits for this process and its children. Linux only, like everything that reads /proc. */
import { readFileSync } from 'node:fs';

/** `Infinity` for unlimited. */
export interface FileLimit {
  readonly soft: number;
  /** Node and k6 (Go) raise their own soft limit to this value when they start. */
  readonly hard: number;
}

/** @param text for tests: the content of /proc/self/limits. */
export function openFileLimit(text: string = readFileSync('/proc/self/limits', 'latin1')): FileLimit {
  const [, soft = '', hard = ''] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text) ?? [];
  const value = (word: string): number => (/^\d+$/.test(word) ? Number(word) : Number.POSITIVE_INFINITY);
  return { soft: value(soft), hard: value(hard) };
}

/**
 * How many connections one local address can have to one port of a target. Infinity where it cannot be read.
 */
export function localPorts(): number {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
    return Number(high) - Number(low) + 1;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Memory available without swapping, in kB. Infinity where it cannot be read. */
export function availableKb(): number {
  try {
    const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'latin1'))?.[1];
    return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
