import { mkdtempSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { callControl, serveControl } from '../../../src/system/control-socket.ts';

it('a control socket answers calls, turns thrown errors into errors of the caller, and reports when nothing listens', async () => {
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

it('a control server on a port answers only below the path that it was given', async () => {
  const server = await serveControl({ port: 0, below: 'slow-1' }, async ({ path }) => ({ path }));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).json();
  expect(await ask('/slow-1/links?id=x')).toEqual({ path: '/links?id=x' });
  expect(await ask('/links')).toEqual({ error: 'no such path' });
  expect(await ask('/slow-12/links')).toEqual({ error: 'no such path' });
  await new Promise((resolve) => server.close(resolve));
});

it('a control server looks at the path before the body, and takes no body above 1 MiB', async () => {
  const server = await serveControl({ port: 0, below: 'secret' }, async () => ({}));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const say = (path: string, bytes: number): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let said = '';
      socket.on('data', (chunk) => {
        said += String(chunk);
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said.slice(0, 12)));
      socket.write(`PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n`);
      socket.write(Buffer.alloc(bytes, 32));
    });
  expect(await say('/links', 0)).toBe('HTTP/1.1 404');
  expect(await say('/secret/links', 1024 * 1024 + 1)).toBe('HTTP/1.1 413');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

it('a call to a control socket fails when the answer breaks off or is no JSON', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'gc-')), 's');
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
    'junk',
  ];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answers.shift() ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  for (const got of ['aborted', '200 "abc"', 'Parse Error'])
    await expect(callControl(path, 'GET', '/')).rejects.toThrow(`expected an answer, got ${got}`);
  await new Promise((resolve) => server.close(resolve));
});
