/** Messages: on a change of state alone, once, in the words of the receiver's own format. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageFormat, Receivers } from '../../../src/core/receivers.ts';
import { messageShape } from '../../../src/core/shapes/message-shape.ts';
import { type StubServer, stubServer } from '../../fakes/receivers/stub-server.ts';
import { type StubSlack, stubSlack } from '../../fakes/receivers/stub-slack.ts';
import { alone, night, type Rig, rig, withHistory } from './rig.ts';

let slack: StubSlack;
let other: StubServer;
let own: Rig;
beforeEach(async () => {
  [slack, other] = await Promise.all([stubSlack(), stubServer(() => ({ status: 204 }))]);
  own = rig();
  own.env['SLACK'] = slack.webhook;
  own.env['OTHER'] = `${other.base}/hook?key=4f1c0a526f1c`;
});
afterEach(async () => {
  own.close();
  await Promise.all([slack.close(), other.close()]);
});

const to = (name: string, format: MessageFormat): Receivers => ({
  webhook: { url: { from: 'env', name }, format, token: null, insecure: false },
});
const said = (told: readonly { readonly text: string }[]): string[] =>
  told.map((one) => one.text.replace(slack.base, 'SLACK').replace(other.base, 'OTHER'));

describe('a message to a webhook', () => {
  it('is sent when the verdict is another one, and only then', async () => {
    const states = ['PASS', 'PASS', 'FAIL', 'FAIL', 'INVALID', 'PASS', 'PASS'] as const;
    const nights = states.map((status, index) => night(10 + index, status));
    for (let count = 1; count <= nights.length; count += 1)
      await own.push(to('SLACK', 'slack'), withHistory(nights.slice(0, count)));
    expect(slack.messages.map((one) => one.text.split('.')[0])).toEqual([
      'FAIL: nightly on staging',
      'INVALID: nightly on staging',
      'PASS: nightly on staging',
    ]);
  });

  it('is sent once for a night, and again only when that is asked for', async () => {
    const input = withHistory([night(10, 'PASS'), night(11, 'FAIL')]);
    expect(said(await own.push(to('SLACK', 'slack'), input))).toEqual([
      'webhook (SLACK): message sent. FAIL after PASS.',
    ]);
    expect(said(await own.push(to('SLACK', 'slack'), input))).toEqual([
      'webhook (SLACK): nothing sent, this message was sent before. gauntlet push --always sends it.',
    ]);
    await own.push(to('OTHER', 'json'), input);
    await own.push(to('SLACK', 'slack'), input, { always: true });
    expect([slack.messages.length, other.asked.length]).toEqual([2, 1]);
  });

  it('that was refused counts as not sent', async () => {
    const input = withHistory([night(10, 'PASS'), night(11, 'FAIL')]);
    slack.next.push({ status: 404, body: 'no_service' });
    expect(said(await own.push(to('SLACK', 'slack'), input))).toEqual([
      'webhook (SLACK): it refuses the message (HTTP 404): no_service. Check its URL: the webhook may be gone.',
    ]);
    expect((await own.push(to('SLACK', 'slack'), input))[0]).toMatchObject({ status: 'pushed' });
  });

  it('says nothing of a run folder that passed, which has no night before it', async () => {
    expect(said(await own.push(to('SLACK', 'slack'), alone(night(10, 'PASS'))))).toEqual([
      'webhook (SLACK): nothing sent, PASS, and a run folder has no night before it to compare with. gauntlet push --always sends it.',
    ]);
    expect(said(await own.push(to('SLACK', 'slack'), alone(night(10, 'FAIL'))))).toEqual([
      'webhook (SLACK): message sent. FAIL.',
    ]);
    expect(said(await own.push(to('SLACK', 'slack'), alone(night(10, 'PASS')), { always: true }))).toEqual([
      'webhook (SLACK): message sent. PASS.',
    ]);
  });

  it('has one documented form for others, with an id by which a doubled one is known', async () => {
    const input = withHistory([night(10, 'PASS'), night(11, 'FAIL')], { headline: 'FAIL: held is slower' });
    await own.push(to('OTHER', 'json'), input);
    await own.push(to('OTHER', 'json'), input, { always: true });
    const [first, second] = other.asked.map((one) => messageShape.parse(JSON.parse(one.body)));
    expect(first).toEqual({
      ...{ schema: 'gauntlet.message/1', id: first?.id, campaign: 'nightly', environment: 'staging' },
      ...{ run: '2026-11-11T02-00-00-nightly-k3f9', verdict: 'FAIL', previous: 'PASS' },
      ...{ startedAt: '2026-11-11T02:00:00.000Z', endedAt: '2026-11-11T02:20:00.000Z' },
      changes: [{ kind: 'verdict', text: 'FAIL after PASS.' }],
      headline: 'FAIL: held is slower',
      ...{ reasons: [{ status: 'FAIL', text: 'because of 11' }], moreReasons: 0, report: null },
    });
    expect(second?.id).toBe(first?.id);
    expect(first?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(other.asked[0]?.headers['content-type']).toBe('application/json');
    expect(other.asked[0]?.url.search).toBe('?key=4f1c0a526f1c');
  });

  it('is within the limits of Slack, however much there is to say', async () => {
    const text = '<!channel> & *all* <https://x|y> '.repeat(400);
    const reasons = Array.from({ length: 300 }, () => ({ status: 'FAIL' as const, text }));
    const nights = [night(10, 'PASS'), night(11, 'FAIL', { reasons, campaign: 'x'.repeat(400) })];
    const [told] = await own.push(to('SLACK', 'slack'), withHistory(nights, { headline: text }));
    expect(told).toMatchObject({ status: 'pushed' });
    const sent = JSON.stringify(slack.messages);
    expect(sent).not.toMatch(/<!|<https:\/\/x/);
    expect(sent).toContain('and 290 more');
  });

  it('in the wrong format is refused with the fix', async () => {
    const [told] = await own.push(to('SLACK', 'json'), alone(night(10, 'FAIL')));
    expect(told?.text).toContain('it refuses the message (HTTP 400): no_text.');
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, [7000]],
    [{ status: 503 }, [1000]],
    [{ status: 502 }, [1000]],
    [{ status: 200, hangUp: true }, [1000]],
  ])('is tried again after %j', async (answer, waited) => {
    slack.next.push(answer);
    const [told] = await own.push(to('SLACK', 'slack'), alone(night(10, 'FAIL')));
    expect(told).toMatchObject({ status: 'pushed' });
    expect([slack.messages.length, own.clock.waited]).toEqual([1, waited]);
  });

  it('is given up after three attempts, or at once when it should wait too long', async () => {
    const input = alone(night(10, 'FAIL'));
    slack.next.push({ status: 500 }, { status: 500 }, { status: 500 });
    expect(said(await own.push(to('SLACK', 'slack'), input))).toEqual([
      'webhook (SLACK): it refuses the message (HTTP 500).',
    ]);
    expect(own.clock.waited).toEqual([1000, 2000]);
    slack.next.push({ status: 429, headers: { 'retry-after': '3600' } });
    expect(said(await own.push(to('SLACK', 'slack'), input))).toEqual([
      'webhook (SLACK): it refuses the message (HTTP 429, it asks to wait 3600 s). Push again later.',
    ]);
    expect(slack.asked).toHaveLength(4);
  });

  it('never shows the path of its URL, not even in the words of the receiver', async () => {
    const path = new URL(slack.webhook).pathname;
    slack.next.push(
      { status: 400, body: `nothing at ${path}` },
      { status: 302, headers: { location: 'http://x/' } },
    );
    const told = [
      ...(await own.push(to('SLACK', 'slack'), alone(night(10, 'FAIL')))),
      ...(await own.push(to('SLACK', 'slack'), alone(night(10, 'FAIL')))),
    ];
    expect(said(told)).toEqual([
      'webhook (SLACK): it refuses the message (HTTP 400): nothing at [env:SLACK].',
      'webhook (SLACK): it answers the message with a redirect (HTTP 302), which is not followed. Write the address that it redirects to as its URL.',
    ]);
  });
});
