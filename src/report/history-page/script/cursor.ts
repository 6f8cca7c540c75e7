/**
 * Moving by night in a chart. A chart is a slider: screen readers pass the arrow keys on to it, and read the
 * value in words.
 */
export const CURSOR = `
  function nightWords(data, series, at) {
    const night = data.nights[at];
    const said = [night.time, night.status, nightValue(data, series, at)];
    data.segments.forEach((segment, index) => {
      if (segment.at === at && index > 0 && (!segment.isOfRecovery || isRecovery(series.kind)))
        said.push('segment S' + (index + 1) + ' begins' + (segment.because === null ? '' : ': ' + segment.because));
    });
    for (const change of series.changes)
      if (change.at === at) said.push(change.state + ' change, ' + change.text + (change.isWorse ? ', worse' : ', better'));
    if (data.pinned === at) said.push('the pinned reference');
    return said.join('; ');
  }

  // The line of the night under the pointer or the keys, and the nights that are chosen for a comparison.
  function showCursor(chart, at) {
    const { drawn, series, data } = chart;
    chart.readout.textContent = nightWords(data, series, at === null ? data.nights.length - 1 : at);
    if (drawn === null) return;
    drawn.cursor.replaceChildren();
    const inside = (one) => one !== null && one >= drawn.from && one < drawn.to;
    for (const one of state.pair.filter(inside))
      drawn.cursor.append(drawn.line('c-picked', drawn.x(one), TOP - 4, drawn.x(one), drawn.bottom));
    if (!inside(at)) return;
    drawn.cursor.append(drawn.line('c-cursor', drawn.x(at), TOP - 4, drawn.x(at), drawn.bottom));
    if (series.value[at] !== null)
      drawn.cursor.append(sign('circle', {
        class: 'c-ring', cx: fixed(drawn.x(at)), cy: fixed(drawn.y(series.value[at])), r: 4
      }));
  }

  function tellSlider(chart) {
    const at = state.night === null ? chart.data.nights.length - 1 : state.night;
    chart.plot.setAttribute('aria-valuenow', String(at + 1));
    chart.plot.setAttribute('aria-valuetext', nightWords(chart.data, chart.series, at));
  }

  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  function onKey(event, chart) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = chart.data.nights.length - 1;
    const [from, to] = rangeNow(chart.data);
    const now = state.night;
    let next = null;
    if (event.key in STEPS) next = now === null ? to - 1 : now + STEPS[event.key];
    else if (event.key === 'Home') next = from;
    else if (event.key === 'End') next = last;
    else if (event.key === 'Enter' && now !== null) openReport(chart.data, now);
    else if (event.key === ' ' && now !== null) togglePair(now);
    else return;
    event.preventDefault();
    if (next !== null) setNight(Math.min(to - 1, Math.max(from, next)));
  }

  function openReport(data, at) {
    const { href, time } = data.nights[at];
    if (href !== null) location.assign(href);
    else say('The report of the night of ' + time + ' is not kept.');
  }

  function atPointer(event, chart) {
    const { drawn, plot } = chart;
    if (drawn === null) return null;
    const box = plot.getBoundingClientRect();
    // The picture is scaled where its width is not the one it was drawn for.
    const left = ((event.clientX - box.left) * chart.width) / box.width;
    return Math.min(drawn.to - 1, Math.max(drawn.from, Math.round((left - LEFT) / drawn.slot - 0.5) + drawn.from));
  }

  function listen(chart) {
    const { plot } = chart;
    plot.addEventListener('keydown', (event) => onKey(event, chart));
    plot.addEventListener('pointermove', (event) => hover(atPointer(event, chart)));
    plot.addEventListener('pointerleave', () => hover(null));
    plot.addEventListener('click', (event) => setNight(atPointer(event, chart)));
  }
`;
