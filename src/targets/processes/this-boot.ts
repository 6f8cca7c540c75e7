import { thisPlace } from '../../system/holder.ts';

/** After a reboot, and on another machine, a pid is another process. */
export const isThisBoot = (boot: string): boolean => boot !== '' && boot === thisPlace().boot;

/** Why a stress cannot start there. */
export const ELSEWHERE = 'its processes are those of another machine or boot';
