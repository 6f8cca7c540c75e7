import { describe, expect, it } from 'vitest';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { requireSystem, stampOf } from '../../../src/system/sandbox/system-stamp.ts';
import { SHOP, shopOf } from '../../fakes/sandbox-shop.ts';

const running = { name: 'default', system: stampOf(shopOf()) };

describe('the system of a running sandbox', () => {
  it('is the same from another copy of the file, and with another summary', () => {
    const copy = parseSystem('/elsewhere/system.yaml', SHOP.replace('Orders by HTTP', 'Orders'));
    expect(() => requireSystem(running, copy)).not.toThrow();
  });

  it('is refused for another system, with the way out', () => {
    const other = shopOf((text) => text.replace('name: shop', 'name: bank'));
    expect(() => requireSystem(running, other)).toThrow(
      'sandbox default: expected one of bank, got one of shop. ' +
        'Stop it with: gauntlet sandbox down, or give the target one of its own: sandbox: { name: bank }',
    );
  });

  it('is refused when its file was changed since it was started', () => {
    const changed = shopOf((text) => text.replace('get: /ready', 'get: /up'));
    expect(() => requireSystem({ ...running, name: 'mine' }, changed)).toThrow(
      'sandbox mine: expected one of shop as /shop/system.yaml is now, got one that was started from another ' +
        'version of the file. Stop it with: gauntlet sandbox down --name mine',
    );
  });
});
