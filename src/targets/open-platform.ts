/**
 * Opens a platform from data alone, so that the lease keeper and `recover` can do the same as the harness.
 */
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import { openAddressesPlatform } from './addresses-platform.ts';
import { kafkaActsOf } from './kafka-acts.ts';
import { openSandboxPlatform } from './sandbox-platform.ts';

/** @throws unavailable when the target is gone or Gauntlet cannot act on its platform from here. */
export async function openPlatform(handle: PlatformHandle): Promise<Platform> {
  switch (handle.platform) {
    case 'sandbox':
      return await openSandboxPlatform(handle);
    case 'none':
    case 'processes':
    case 'docker':
      return openAddressesPlatform(handle);
    case 'kubernetes': {
      // Loaded on demand: most runs use the sandbox.
      const { openKubePlatform } = await import('../kube/kube-platform.ts');
      return { ...openKubePlatform(handle), ...kafkaActsOf(handle.kubernetes?.kafkaByService ?? {}) };
    }
  }
}
