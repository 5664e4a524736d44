// A wave's page: the gap while the plan was looked for; and when a run ends, the page comes anew with its result.
(() => {
  window.paidanCharts = window.paidanCharts || {};
  window.paidanCharts.gap = (data, colours, axis) => ({
    grid: { left: 12, right: 18, top: 14, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', backgroundColor: colours.surface, borderColor: colours.line2, textStyle: { color: colours.ink, fontSize: 12 }, formatter: ([point]) => `${point.value[0].toFixed(2)} s: ${point.value[1].toPrecision(2)} %` },
    xAxis: { type: 'value', name: '', ...axis, axisLabel: { ...axis.axisLabel, formatter: '{value} s' }, splitLine: { show: false } },
    yAxis: { type: 'log', ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: (value) => `${value} %` } },
    series: [
      { name: data.words.gap, type: 'line', step: 'end', data: data.points, showSymbol: data.points.length < 3, symbolSize: 5, lineStyle: { color: '#6f8fe0', width: 2 }, itemStyle: { color: '#6f8fe0' } },
    ],
  });

  const place = document.querySelector('[data-wave]');
  if (!place) return;
  document.addEventListener('paidan:refreshed', () => {
    const now = document.querySelector('[data-wave-now]');
    if (now && now.dataset.waveNow === 'done' && place.dataset.wave !== 'done') location.reload();
  });
})();
