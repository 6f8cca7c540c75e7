/** Draws one series as SVG. All text goes through textContent: no name becomes markup. */
export const CHART = `
  const LEFT = 58, TOP = 28, BOTTOM = 22, HEIGHT = 176;
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const name in attributes) if (attributes[name] !== null) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  }
  function sign(tag, attributes, text) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    if (text !== undefined) element.textContent = text;
    return element;
  }
  const fixed = (value) => value.toFixed(1);

  // Nights next to each other with a value: a gap, and a night that did not reach it, end a run.
  function runsOf(series, from, to) {
    const runs = [];
    let run = [];
    for (let at = from; at < to; at++) {
      if (series.value[at] !== null && !series.isCensored[at]) run.push(at);
      else if (run.length > 0) { runs.push(run); run = []; }
    }
    if (run.length > 0) runs.push(run);
    return runs;
  }

  // A new picture of the nights from (inclusive) to (exclusive); null when none of them has a value.
  function picture(data, series, from, to, width) {
    // Room for the name of the pinned line.
    const right = data.pinned === null ? 8 : 46;
    const part = (list) => list.slice(from, to);
    const pinned = data.pinned === null ? null : series.value[data.pinned];
    const scale = scaleOf(series.kind, part(series.value).concat(pinned), part(series.low), part(series.high));
    if (scale === null || part(series.value).every((v) => v === null)) return null;
    const slot = (width - LEFT - right) / (to - from);
    const x = (at) => LEFT + (at - from + 0.5) * slot;
    const bottom = HEIGHT - BOTTOM;
    const y = (value) => bottom - scale.at(value) * (bottom - TOP);
    const svg = sign('svg', { viewBox: '0 0 ' + width + ' ' + HEIGHT, 'aria-hidden': 'true', focusable: 'false' });
    const line = (name, x1, y1, x2, y2) => sign('line', { class: name, x1: fixed(x1), y1: fixed(y1), x2: fixed(x2), y2: fixed(y2) });
    const text = (name, left, top, anchor, said) =>
      sign('text', { class: name, x: fixed(left), y: fixed(top), 'text-anchor': anchor }, said);

    for (const tick of scale.ticks) {
      svg.append(line('c-grid', LEFT, y(tick), width - right, y(tick)));
      svg.append(text('', LEFT - 7, y(tick) + 4, 'end', tickWords(series.kind, tick)));
    }
    if (scale.isLog) svg.append(text('', LEFT - 7, TOP - 9, 'end', 'log'));
    dates(svg, data, from, to, width - right, x, text);

    for (let index = 1; index < data.segments.length; index++) {
      const { at, isOfRecovery } = data.segments[index];
      if (at <= from || at >= to || (isOfRecovery && !isRecovery(series.kind))) continue;
      svg.append(line('c-segment', x(at) - slot / 2, TOP - 4, x(at) - slot / 2, bottom));
      svg.append(text('', x(at) - slot / 2 + 3, bottom - 4, 'start', 'S' + (index + 1)));
    }
    if (pinned !== null) svg.append(line('c-pin', LEFT, y(pinned), width - right, y(pinned)));
    values(svg, series, from, to, { x, y, slot, bottom, line });
    changes(svg, series, from, to, { x, slot, bottom, width, line, text });
    if (pinned !== null) svg.append(text('c-pin-name', width - right + 4, y(pinned) + 4, 'start', 'pinned'));
    const cursor = sign('g', {});
    svg.append(cursor);
    return { svg, cursor, x, y, slot, bottom, from, to, line };
  }

  function dates(svg, data, from, to, end, x, text) {
    const count = Math.max(2, Math.min(to - from, Math.floor((end - LEFT) / 120)));
    if (to - from === 1) return svg.append(text('', x(from), HEIGHT - 5, 'middle', data.nights[from].time.slice(0, 10)));
    for (let index = 0; index < count; index++) {
      const at = from + Math.round((index * (to - from - 1)) / (count - 1));
      const anchor = index === 0 ? 'start' : index === count - 1 ? 'end' : 'middle';
      const left = index === 0 ? LEFT : index === count - 1 ? end : x(at);
      svg.append(text('', left, HEIGHT - 5, anchor, data.nights[at].time.slice(0, 10)));
    }
  }

  function values(svg, series, from, to, { x, y, slot, bottom, line }) {
    // Where only one bound is known the band is open to its side.
    const top = (at) => (series.high[at] === null ? TOP : y(series.high[at]));
    const base = (at) => (series.low[at] === null ? bottom : y(series.low[at]));
    const hasBand = (at) => series.low[at] !== null || series.high[at] !== null;
    let bands = '', path = '';
    const dots = [];
    for (const run of runsOf(series, from, to)) {
      if (run.length === 1) {
        const at = run[0];
        if (hasBand(at)) svg.append(line('c-bar', x(at), top(at), x(at), base(at)));
        dots.push(at);
        continue;
      }
      const banded = run.filter(hasBand);
      if (banded.length > 1)
        bands += 'M' + banded.map((at) => fixed(x(at)) + ' ' + fixed(top(at))).join('L') +
          'L' + banded.reverse().map((at) => fixed(x(at)) + ' ' + fixed(base(at))).join('L') + 'Z';
      path += 'M' + run.map((at) => fixed(x(at)) + ' ' + fixed(y(series.value[at]))).join('L');
      if (slot >= 7) dots.push(...run);
    }
    if (bands !== '') svg.append(sign('path', { class: 'c-band', d: bands }));
    if (path !== '') svg.append(sign('path', { class: 'c-line', d: path }));
    for (const at of dots)
      svg.append(sign('circle', { class: 'c-dot', cx: fixed(x(at)), cy: fixed(y(series.value[at])), r: 2.4 }));
    for (let at = from; at < to; at++) {
      if (series.value[at] === null) svg.append(line('c-gap', x(at), bottom - 6, x(at), bottom));
      else if (series.isCensored[at]) {
        const [left, up] = [x(at), y(series.value[at])];
        svg.append(sign('path', {
          class: 'c-arrow',
          d: 'M' + fixed(left) + ' ' + fixed(up + 4) + 'v-10m-3.2 3.4l3.2 -3.6l3.2 3.6'
        }));
      }
    }
  }

  function changes(svg, series, from, to, { x, slot, bottom, width, line, text }) {
    let taken = -Infinity, row = 0;
    for (const change of series.changes) {
      if (change.at < from || change.at >= to) continue;
      const at = change.at === from ? LEFT : x(change.at) - slot / 2;
      const look = (change.state === 'suspected' ? ' suspected' : '') + (change.isWorse ? ' worse' : '');
      svg.append(line('c-change' + look, at, TOP - 6, at, bottom));
      const end = at > width - 90;
      row = at - taken < 76 ? 1 - row : 0;
      taken = at;
      const said = (change.isWorse ? '▲ ' : '▼ ') + change.text;
      svg.append(text(change.isWorse ? 'c-bad' : 'c-good', at + (end ? 2 : -2), 10 + row * 11, end ? 'end' : 'start', said));
    }
  }
`;
