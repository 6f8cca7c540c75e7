/**
 * The senders: a pool of users and tenants. The platform limits a user to 1,000 requests a minute with a
 * burst of 100; the pool is large enough for 1,500 requests a second with every user far below that.
 */
import type { Chooser } from '../gauntlet.ts';

export interface Identity {
  readonly userId: string;
  readonly tenantId: string;
}

const USERS = 100;
const TENANTS = 8;

const POOL: readonly Identity[] = Array.from({ length: USERS }, (_unused, index) => ({
  userId: `gauntlet-user-${String(index + 1).padStart(3, '0')}`,
  tenantId: `gauntlet-tenant-${(index % TENANTS) + 1}`,
}));

export const identityOf = (choose: Chooser): Identity => choose.pick(POOL);
