// Chart defaults shared by every page with a chart: colours come from the CSS tokens, so light and dark follow.
//
// <div data-chart="name" data-source="json-script-id"> is drawn by paidanCharts.name = (data, colours, axis) => option.
(() => {
  const colour = (name) => {
    const probe = document.createElement('i');
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const NAMES = ['ink', 'ink-2', 'ink-3', 'line', 'line-2', 'surface', 'surface-2', 'land', 'accent', 'bad', 'warn', 'good', 'progress', 'exception'];

  const draw = (place) => {
    const make = window.paidanCharts[place.dataset.chart];
    const source = document.getElementById(place.dataset.source);
    if (!make || !source) return;
    const colours = Object.fromEntries(NAMES.map((name) => [name.replace(/-(\d)/, '$1'), colour(`--${name}`)]));
    const axis = { axisLine: { lineStyle: { color: colours.line2 } }, axisTick: { show: false }, axisLabel: { color: colours.ink3, fontSize: 11 }, splitLine: { lineStyle: { color: colours.line } } };
    const view = window.echarts.getInstanceByDom(place) || window.echarts.init(place, null, { renderer: 'canvas' });
    const text = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11, color: colours.ink2 };
    const tooltip = { trigger: 'axis', backgroundColor: colours.surface, borderColor: colours.line2, textStyle: { color: colours.ink, fontSize: 12 } };
    view.setOption({ animation: false, textStyle: text, tooltip, ...make(JSON.parse(source.textContent), colours, axis) }, true);
  };
  const all = () => document.querySelectorAll('[data-chart]').forEach(draw);

  window.paidanCharts = window.paidanCharts || {};
  window.paidanDraw = all;
  document.addEventListener('DOMContentLoaded', all);
  document.addEventListener('paidan:theme', all);
  document.addEventListener('htmx:afterSwap', all);
  document.addEventListener('paidan:refreshed', all);
  addEventListener('resize', () => document.querySelectorAll('[data-chart]').forEach((place) => window.echarts.getInstanceByDom(place)?.resize()));
})();
