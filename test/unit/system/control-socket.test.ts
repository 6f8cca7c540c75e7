import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callControl, serveControl } from '../../../src/system/control-socket.ts';

it('a control socket answers calls, turns thrown errors into errors of the caller, and says when nobody listens', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gc-')), 's');
  const server = await serveControl(path, async (call) => {
    if (call.path === '/echo') return { method: call.method, body: call.body };
    if (call.path === '/fail') throw new Error('no such broker');
    return undefined;
  });
  expect(await callControl(path, 'PUT', '/echo', { body: { a: 1 } })).toEqual({
    method: 'PUT',
    body: { a: 1 },
  });
  expect(await callControl(path, 'DELETE', '/echo', { body: { id: 'x' } })).toEqual({
    method: 'DELETE',
    body: { id: 'x' },
  });
  await expect(callControl(path, 'GET', '/fail')).rejects.toThrow(
    `${path} GET /fail: expected an answer, got no such broker.`,
  );
  await expect(callControl(path, 'GET', '/nowhere')).rejects.toThrow('got no such path.');
  await new Promise((resolve) => server.close(resolve));
  await expect(callControl(path, 'GET', '/echo')).rejects.toThrow(/expected an answer, got connect ENOENT/);
});
