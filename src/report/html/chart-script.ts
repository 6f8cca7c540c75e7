/**
 * The script inside the report that draws the charts: plain JavaScript for any browser of recent years,
 * stored as text because Gauntlet does not run it. It reads the numbers from the page and makes no requests.
 */
export const CHART_SCRIPT = `
(function () {
  'use strict';
  var holder = document.getElementById('chart-data');
  var latencyBox = document.getElementById('latency-chart');
  if (!holder || !latencyBox || typeof uPlot !== 'function') return;
  var data = JSON.parse(holder.textContent);
  var rateBox = document.getElementById('rate-chart');
  var charts = [];
  var hidden = document.querySelectorAll('.controls[hidden], .chart[hidden]');
  for (var i = 0; i < hidden.length; i++) hidden[i].hidden = false;

  function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  }
  function chosen(name) {
    return document.querySelector('input[name=' + name + ']:checked').value;
  }
  function pad(value) {
    return (value < 10 ? '0' : '') + value;
  }
  function clock(seconds) {
    var whole = Math.floor(Math.abs(seconds));
    var hours = Math.floor(whole / 3600);
    var rest = pad(Math.floor(whole / 60) % 60) + ':' + pad(whole % 60);
    return (seconds < 0 ? '−' : '') + (hours > 0 ? hours + ':' + rest : rest);
  }
  function moment(seconds) {
    if (seconds == null) return '–';
    var utc = new Date(data.start + seconds * 1000).toISOString().slice(11, 19);
    return '+' + clock(seconds) + ' (' + utc + ' UTC)';
  }
  function span(ms) {
    if (ms == null) return '–';
    if (ms >= 1000) return Number((ms / 1000).toPrecision(3)) + ' s';
    return Number(ms.toPrecision(3)) + ' ms';
  }
  function rate(value) {
    return value == null ? '–' : Number(value.toPrecision(4)) + '/s';
  }

  function fade(hex, alpha) {
    var n = parseInt(hex.slice(1), 16);
    return 'rgba(' + (n >> 16) + ',' + ((n >> 8) & 255) + ',' + (n & 255) + ',' + alpha + ')';
  }
  function place(u, seconds) {
    var x = u.valToPos(seconds, 'x', true);
    return Math.max(u.bbox.left, Math.min(u.bbox.left + u.bbox.width, x));
  }
  function line(u, seconds, dash) {
    if (seconds == null || seconds < u.scales.x.min || seconds > u.scales.x.max) return;
    var x = Math.round(u.valToPos(seconds, 'x', true));
    u.ctx.setLineDash(dash);
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
  }
  function shade(u, from, to, paint) {
    if (from == null || to == null || to <= from) return;
    var left = place(u, from);
    u.ctx.fillStyle = paint;
    u.ctx.fillRect(left, u.bbox.top, place(u, to) - left, u.bbox.height);
  }
  // Below the lines: a fault in place is dark, the watch of its recovery light.
  function shades(u) {
    var red = color('bad');
    u.ctx.save();
    data.windows.forEach(function (w) {
      var from = w.injected == null ? w.applied : w.injected;
      var end = w.removed == null ? u.scales.x.max : w.removed;
      shade(u, from, end, fade(red, 0.16));
      if (w.removed != null) shade(u, w.removed, w.watched, fade(red, 0.05));
      u.ctx.lineWidth = devicePixelRatio;
      u.ctx.strokeStyle = fade(red, 0.8);
      line(u, w.applied, [2 * devicePixelRatio, 3 * devicePixelRatio]);
      line(u, w.injected, []);
      line(u, w.removed, []);
    });
    u.ctx.restore();
  }
  // In the gutter above the plot: the number always, the name as far as the next one leaves room.
  function labels(u) {
    var dpr = devicePixelRatio;
    var seen = data.windows.map(function (w, index) {
      var from = w.applied == null ? w.injected : w.applied;
      return { x: from == null ? null : u.valToPos(from, 'x', true), text: w.name, index: index };
    }).filter(function (l) {
      return l.x != null && l.x >= u.bbox.left - 1 && l.x <= u.bbox.left + u.bbox.width;
    });
    u.ctx.save();
    u.ctx.font = '600 ' + 11 * dpr + 'px system-ui, sans-serif';
    u.ctx.textBaseline = 'middle';
    var y = u.bbox.top - 12 * dpr;
    seen.forEach(function (l, index) {
      var next = index + 1 < seen.length ? seen[index + 1].x : u.bbox.left + u.bbox.width + 8 * dpr;
      var x = Math.max(l.x, u.bbox.left + 8 * dpr);
      u.ctx.fillStyle = color('text');
      u.ctx.beginPath();
      u.ctx.arc(x, y, 8 * dpr, 0, 7);
      u.ctx.fill();
      u.ctx.fillStyle = color('page');
      u.ctx.textAlign = 'center';
      u.ctx.fillText(String(l.index + 1), x, y);
      u.ctx.fillStyle = color('text');
      u.ctx.textAlign = 'left';
      var room = next - x - 24 * dpr;
      var text = l.text;
      while (text.length > 1 && u.ctx.measureText(text).width > room) text = text.slice(0, -2) + '…';
      if (text.length > 2 || text === l.text) u.ctx.fillText(text, x + 12 * dpr, y);
    });
    u.ctx.restore();
  }
  // A second between two gaps has no line to be on, so it gets a dot.
  function lonely(u, index) {
    var values = u.data[index];
    var found = [];
    for (var i = u.series[0].idxs[0]; i <= u.series[0].idxs[1]; i++) {
      if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
    }
    return found;
  }
  function series(label, name, options) {
    return Object.assign({
      label: label, stroke: color(name), width: 1.6, spanGaps: false,
      points: { show: true, filter: lonely, size: 5, fill: color(name) }
    }, options);
  }
  function axis(format, size) {
    return {
      stroke: color('soft'), font: '12px system-ui, sans-serif', size: size,
      grid: {
        stroke: color('line'), width: 1,
        // On a logarithmic axis only the powers of ten: nine lines to each would be a fog.
        filter: function (u, splits, index) {
          if (index === 0 || u.scales.y.distr !== 3) return splits;
          return splits.map(function (v) { return Math.abs(Math.log10(v) % 1) < 1e-9 ? v : null; });
        }
      }, ticks: { show: false },
      values: function (u, splits) { return splits.map(function (v) { return v == null ? '' : format(v); }); }
    };
  }
  function draw(box, all, values, format, log) {
    var x = axis(clock, 28);
    x.space = 70;
    x.incrs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200];
    var chart = new uPlot({
      width: box.clientWidth, height: box.clientWidth < 600 ? 220 : 280, padding: [26, 8, 0, 0],
      cursor: { sync: { key: 'gauntlet' }, y: false, focus: { prox: 24 } },
      focus: { alpha: 0.25 },
      scales: {
        x: { time: false },
        y: log ? { distr: 3 } : { range: function (u, min, max) { return [0, max > 0 ? max * 1.06 : 1]; } }
      },
      axes: [x, axis(format, 62)],
      series: [{ label: 'Time', value: function (u, v) { return moment(v); } }].concat(all),
      hooks: { drawClear: [shades], draw: [labels] }
    }, [data.x].concat(values), box);
    charts.push(chart);
  }
  function shown(format) {
    return { value: function (u, v) { return format(v); } };
  }

  function latency(one, quantile, log) {
    var all = [];
    var values = [];
    function add(label, colour, numbers) {
      all.push(series(label, colour, shown(span)));
      // A logarithm has no zero; a latency of 0 is below what is measured.
      values.push(log ? numbers.map(function (v) { return v === 0 ? 0.001 : v; }) : numbers);
    }
    if (one) {
      add('P50', 'l0', one.p50);
      add('P95', 'l2', one.p95);
      add('P99', 'l1', one.p99);
    } else {
      data.flows.forEach(function (f, index) {
        add(f.name, 'l' + (index % 6), f[quantile]);
        if (index >= 6) all[index].dash = [6, 3];
      });
    }
    document.getElementById('latency-note').textContent =
      one ? 'of ' + one.name + ', from due time' : quantile.toUpperCase() + ' of every flow, from due time';
    draw(latencyBox, all, values, span, log);
  }
  function sum(key) {
    return data.x.map(function (_, i) {
      return data.flows.reduce(function (total, f) {
        return f[key][i] == null ? total : (total || 0) + f[key][i];
      }, null);
    });
  }
  function rates(one) {
    var kinds = [
      ['Due', 'due', 'soft'], ['Started', 'started', 'l0'],
      ['Failed', 'failed', 'bad'], ['Dropped', 'dropped', 'warn']
    ];
    var all = kinds.map(function (k) { return series(k[0], k[2], shown(rate)); });
    all[0].dash = [5, 4];
    all[3].dash = [2, 2];
    var values = kinds.map(function (k) { return one ? one[k[1]] : sum(k[1]); });
    document.getElementById('rate-note').textContent = one ? 'of ' + one.name : 'of all flows together';
    draw(rateBox, all, values, function (v) { return Number(v.toPrecision(4)) + '/s'; }, false);
  }
  function render() {
    charts.forEach(function (c) { c.destroy(); });
    charts = [];
    var flow = chosen('flow');
    var one = flow === 'all' ? null : data.flows[Number(flow)];
    document.getElementById('quantile-choice').hidden = one !== null;
    latency(one, chosen('quantile'), document.getElementById('log-scale').checked);
    rates(one);
  }
  var width = 0;
  new ResizeObserver(function () {
    if (latencyBox.clientWidth === width) return;
    width = latencyBox.clientWidth;
    charts.forEach(function (c, index) {
      c.setSize({ width: (index === 0 ? latencyBox : rateBox).clientWidth, height: width < 600 ? 220 : 280 });
    });
  }).observe(latencyBox);
  document.querySelector('.controls').addEventListener('change', render);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', render);
  matchMedia('print').addEventListener('change', render);
  render();
})();
`;
