import { processStat } from '../system/proc.ts';
import type { ProcessIdentity } from './state.ts';

export const ownIdentity = (): ProcessIdentity => ({
  pid: process.pid,
  startTicks: processStat(process.pid)?.startTicks ?? '0',
});
