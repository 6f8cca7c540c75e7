import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corsHeaders, preflight } from '../../../systems/neural-hive-mind/stand-ins/src/gateway/cors.ts';
import { type HttpApp, serveHttp } from '../../../systems/neural-hive-mind/stand-ins/src/http-app.ts';

describe('the HTTP side of a service', () => {
  let app: HttpApp;
  let finish = (): void => undefined;
  const get = (path: string, init: RequestInit = {}) => fetch(`http://${app.address}${path}`, init);

  beforeAll(async () => {
    app = await serveHttp({
      host: '127.0.0.1',
      port: 0,
      before: preflight,
      headersFor: corsHeaders,
      routes: [
        { method: 'GET', path: '/items/*', handle: async ({ rest }) => ({ status: 200, body: { rest } }) },
        { method: 'POST', path: '/items', handle: async () => ({ status: 201, body: {} }) },
        { method: 'GET', path: '/broken', handle: () => Promise.reject(new Error('on purpose')) },
        {
          method: 'GET',
          path: '/slow',
          handle: async () => {
            await new Promise<void>((resolve) => {
              finish = resolve;
            });
            return { status: 200, body: 'done' };
          },
        },
      ],
    });
  });
  afterAll(() => app.stop());

  it('hands the last segment of a path to its handler, decoded', async () => {
    expect(await (await get('/items/a%20b?x=1')).json()).toEqual({ rest: 'a b' });
  });

  it('answers like FastAPI for unknown paths, wrong methods and handlers that throw', async () => {
    const unknown = await get('/nowhere');
    expect([unknown.status, await unknown.json()]).toEqual([404, { detail: 'Not Found' }]);
    const wrong = await get('/items');
    expect([wrong.status, await wrong.json(), wrong.headers.get('allow')]).toEqual([
      405,
      { detail: 'Method Not Allowed' },
      'POST',
    ]);
    const broken = await get('/broken');
    expect([broken.status, await broken.text()]).toEqual([500, 'Internal Server Error']);
  });

  it('allows any origin, names it when there are cookies, and never sends X-Request-ID or rate-limit headers', async () => {
    const plain = await get('/items/1', { headers: { origin: 'http://a' } });
    expect(plain.headers.get('access-control-allow-origin')).toBe('*');
    expect(plain.headers.get('access-control-allow-credentials')).toBe('true');
    expect([...plain.headers.keys()].filter((name) => /^x-/.test(name))).toEqual([]);
    const request = { method: 'GET', headers: { origin: 'http://a', cookie: 's=1' } };
    expect(corsHeaders(request as never)).toMatchObject({ 'access-control-allow-origin': 'http://a' });
    expect((await get('/items/1')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers a preflight', () => {
    const ask = (method: string) =>
      preflight({
        method: 'OPTIONS',
        headers: { origin: 'http://a', 'access-control-request-method': method },
      } as never);
    expect(ask('POST')).toMatchObject({
      status: 200,
      body: 'OK',
      headers: { 'access-control-max-age': '600' },
    });
    expect(ask('TRACE')).toMatchObject({ status: 400, body: 'Disallowed CORS method' });
  });

  it('lets a request in flight finish when it stops, and tells the client not to reuse the connection', async () => {
    const slow = get('/slow');
    while (app.active() === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = app.stop();
    finish();
    const answer = await slow;
    expect([answer.status, await answer.text()]).toEqual([200, 'done']);
    expect(answer.headers.get('connection')).toBe('close');
    await stopped;
    await expect(get('/items/1')).rejects.toThrow('fetch failed');
  });
});
