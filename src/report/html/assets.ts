/**
 * Knows where the chart library lies on disk; reading it is the caller's, because reports are strings only.
 */
import { createRequire } from 'node:module';

export interface AssetPaths {
  readonly uplotJs: string;
  readonly uplotCss: string;
}

/**
 * Absolute paths of uPlot's script and style sheet. Throws Node's MODULE_NOT_FOUND when uPlot is not
 * installed.
 */
export function assetPaths(): AssetPaths {
  const { resolve } = createRequire(import.meta.url);
  return {
    uplotJs: resolve('uplot/dist/uPlot.iife.min.js'),
    uplotCss: resolve('uplot/dist/uPlot.min.css'),
  };
}
