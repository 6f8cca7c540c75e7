/** Opens a platform from data alone, so that the lease keeper and `recover` can do what the harness could. */
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import { openSandboxPlatform } from './sandbox-platform.ts';

/** @throws unavailable when the target is gone or its platform cannot be acted on from here. */
export async function openPlatform(handle: PlatformHandle): Promise<Platform> {
  switch (handle.platform) {
    case 'sandbox':
      return await openSandboxPlatform(handle);
    case 'none':
      return { handle, topology: { platform: 'none', identity: handle.identity, specialists: {} } };
    case 'kubernetes': {
      // Loaded only where it is needed: most runs are on the sandbox.
      const { openKubePlatform } = await import('../kube/kube-platform.ts');
      return openKubePlatform(handle);
    }
  }
}
