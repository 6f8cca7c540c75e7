/** Joins the parts: loads the numbers of the chosen history, draws its charts, reacts to the reader. */
export const START = `
  const loaded = new Map();
  let waiting = null;
  window.gauntletHistory = (data) => {
    for (const series of data.series) {
      const isCensored = new Uint8Array(data.nights.length);
      for (const at of series.censored) isCensored[at] = 1;
      series.isCensored = isCensored;
    }
    loaded.set(data.key, data);
    if (waiting !== null && waiting.key === data.key) waiting.go(data);
  };
  document.documentElement.classList.add('scripted');

  let charts = [];
  const sections = () => [...document.querySelectorAll('section.history')];
  const current = () => sections().find((one) => one.dataset.key === state.key);
  function say(text) { document.querySelector('[role=status]').textContent = text; }

  function drawChart(chart) {
    const [from, to] = rangeNow(chart.data);
    const width = Math.max(260, Math.round(chart.place.clientWidth));
    chart.width = width;
    chart.drawn = picture(chart.data, chart.series, from, to, width);
    chart.plot.replaceChildren(chart.drawn === null
      ? make('p', { class: 'nothing' }, 'No value in these nights.')
      : chart.drawn.svg);
    chart.isDrawn = true;
    showCursor(chart, state.night);
  }

  function openChart(figure, data) {
    const place = figure.querySelector('.plot-place');
    const name = figure.querySelector('.name').id;
    const series = data.series[Number(figure.dataset.series)];
    const plot = make('div', {
      class: 'plot', role: 'slider', tabindex: '0', 'aria-label': series.id, 'aria-describedby': name + '-said',
      'aria-orientation': 'horizontal', 'aria-valuemin': '1', 'aria-valuemax': String(data.nights.length)
    });
    const readout = make('p', { class: 'readout', 'aria-hidden': 'true' });
    place.replaceChildren(plot, readout);
    figure.querySelector('.numbers')?.remove();
    figure.append(numbersDetails(data, series));
    const chart = { figure, place, plot, readout, series, data, drawn: null, width: 0, isDrawn: false };
    tellSlider(chart);
    listen(chart);
    return chart;
  }

  // Charts below the screen, and in what is folded, are drawn when they come near it.
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const chart = entry.isIntersecting && charts.find((one) => one.figure === entry.target);
      if (chart && !chart.isDrawn) drawChart(chart);
    }
  }, { rootMargin: '400px' });

  function hover(at) {
    for (const chart of charts) if (chart.isDrawn) showCursor(chart, at === null ? state.night : at);
  }
  function refresh() {
    hover(null);
    charts.forEach(tellSlider);
    showRows();
    showBar();
    showPair();
    keepAddress();
  }
  function setNight(at) {
    state.night = at;
    refresh();
  }
  function togglePair(at) {
    const { pair } = state;
    state.pair = pair.includes(at) ? pair.filter((one) => one !== at) : pair.slice(-1).concat(at);
    refresh();
    const count = state.pair.length;
    say(count === 2 ? 'Two nights are chosen. Their comparison is at the end of the page.'
      : count === 1 ? 'One night is chosen. Choose another to compare.' : 'No night is chosen.');
  }

  function showPair() {
    const data = loaded.get(state.key);
    const section = current().querySelector('.compare');
    const isShown = state.pair.length === 2;
    section.hidden = !isShown;
    if (isShown) compareNights(section, data, ...[...state.pair].sort((a, b) => a - b));
  }

  function showBar() {
    const bar = document.querySelector('.bar');
    const data = loaded.get(state.key);
    const parts = [];
    const button = (text, act) => {
      const made = make('button', { type: 'button' }, text);
      made.addEventListener('click', act);
      return made;
    };
    if (state.night !== null) {
      const { time, status, href } = data.nights[state.night];
      parts.push(make('span', {}, time + ' ', statusBadge(status)));
      parts.push(href === null ? make('span', { class: 'soft' }, 'report not kept') : make('a', { href }, 'Open its report'));
      const at = state.night;
      parts.push(button(state.pair.includes(at) ? 'Leave out' : 'Compare', () => togglePair(at)));
    }
    if (state.pair.length > 0) {
      const times = [...state.pair].sort((a, b) => a - b).map((at) => data.nights[at].time.slice(0, 10));
      parts.push(make('span', { class: 'chosen-nights' }, state.pair.length === 2 ? 'Comparing ' + times.join(' and ') : times[0] + ' is chosen; choose another night'));
      if (state.pair.length === 2) parts.push(button('Show the comparison', showCompare));
    }
    if (parts.length > 0) parts.push(button('Clear', clear));
    bar.hidden = parts.length === 0;
    // What has the focus must not vanish under the fingers of the reader.
    const focused = bar.contains(document.activeElement) ? document.activeElement.textContent : null;
    bar.replaceChildren(...parts);
    if (focused !== null) ([...bar.querySelectorAll('button, a')].find((one) => one.textContent === focused) || bar.querySelector('button, a') || document.getElementById('main')).focus();
  }
  function showCompare() {
    const section = current().querySelector('.compare');
    section.scrollIntoView();
    section.focus({ preventScroll: true });
  }
  function clear() {
    state.night = null;
    state.pair = [];
    refresh();
    say('Nothing is chosen.');
  }

  function showRows() {
    const section = current();
    const rows = [...section.querySelectorAll('tr[data-night], tr.begin')];
    const nights = rows.filter((one) => one.dataset.night !== undefined);
    let seen = 0;
    for (const one of rows) {
      if (one.dataset.night !== undefined) seen += 1;
      one.hidden = !state.isAll && (seen > ROWS || (seen === ROWS && one.dataset.night === undefined));
      if (one.dataset.night === undefined) continue;
      const isChosen = state.pair.includes(Number(one.dataset.night));
      one.classList.toggle('chosen', isChosen);
      one.querySelector('.choose').checked = isChosen;
    }
    const more = section.querySelector('.all-nights');
    if (more === null) return;
    more.hidden = nights.length <= ROWS;
    const all = nights.length.toLocaleString('en-US');
    more.textContent = state.isAll ? 'Show the newest ' + ROWS : 'Show all ' + all + ' nights';
    section.querySelector('.shown').textContent =
      nights.length <= ROWS || state.isAll ? '' : 'The newest ' + ROWS + ' of ' + all + ' nights are shown.';
  }

  function choose(asked) {
    watch.disconnect();
    charts = [];
    for (const one of sections()) one.classList.toggle('chosen', one.dataset.key === state.key);
    for (const link of document.querySelectorAll('.chooser a')) {
      if (link.dataset.key === state.key) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    const section = current();
    document.title = section.dataset.word + ': ' + section.dataset.campaign + ' – Gauntlet history';
    showRows();
    const others = section.querySelector('.others');
    if (others !== null) others.open = state.isOpen;
    const range = section.querySelector('.range input[value="' + state.last + '"]') || section.querySelector('.range input[value=all]');
    if (range !== null) range.checked = true;
    const go = (data) => {
      waiting = null;
      placesOf(data, asked);
      charts = [...section.querySelectorAll('figure.series')].map((figure) => openChart(figure, data));
      for (const chart of charts) {
        if (chart.figure.closest('.others') === null) drawChart(chart);
        else watch.observe(chart.figure);
      }
      refresh();
      performance.mark('gauntlet:drawn');
    };
    const data = loaded.get(state.key);
    if (data !== undefined) return go(data);
    waiting = { key: state.key, go };
    const script = document.createElement('script');
    script.src = section.dataset.src;
    script.addEventListener('error', () => say('The numbers of this history could not be loaded: ' + section.dataset.src));
    document.head.append(script);
  }

  function begin() {
    const keys = sections().map((one) => one.dataset.key);
    if (keys.length === 0) return;
    for (const link of document.querySelectorAll('.chooser a'))
      link.href = '#' + new URLSearchParams({ history: link.dataset.key });
    const fromAddress = () => choose(readAddress(keys));
    window.addEventListener('hashchange', fromAddress);
    document.addEventListener('change', (event) => {
      const { target } = event;
      if (target.matches('.choose')) togglePair(Number(target.closest('tr').dataset.night));
      else if (target.closest('.range') !== null) {
        state.last = target.value;
        charts.filter((one) => one.isDrawn).forEach(drawChart);
        keepAddress();
      }
    });
    document.addEventListener('click', onClick);
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && (state.night !== null || state.pair.length > 0)) clear();
    });
    for (const others of document.querySelectorAll('.others'))
      others.addEventListener('toggle', () => {
        if (current().contains(others)) { state.isOpen = others.open; keepAddress(); }
      });
    new ResizeObserver(() => {
      for (const chart of charts)
        if (chart.isDrawn && chart.place.clientWidth > 0 && Math.abs(chart.place.clientWidth - chart.width) > 2) drawChart(chart);
    }).observe(document.getElementById('main'));
    window.addEventListener('beforeprint', () => {
      for (const chart of charts) if (!chart.isDrawn && chart.place.clientWidth > 0) drawChart(chart);
    });
    fromAddress();
  }

  function onClick(event) {
    const { target } = event;
    if (target.closest('.all-nights') !== null) {
      state.isAll = !state.isAll;
      showRows();
      keepAddress();
      return;
    }
    const line = target.closest('tr[data-night]');
    if (line === null || target.closest('a, input, button, label') !== null || String(getSelection()) !== '') return;
    const link = line.querySelector('th a');
    if (link !== null) link.click();
  }
  document.addEventListener('DOMContentLoaded', begin);
`;
