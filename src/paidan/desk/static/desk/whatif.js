// A what-if's page: busiest days as bars; and when a run ends, the page comes anew with its result.
(() => {
  window.paidanCharts = window.paidanCharts || {};
  window.paidanCharts.peaks = (data, colours, axis) => ({
    grid: { left: 10, right: 46, top: 30, bottom: 8, containLabel: true },
    legend: { top: 4, left: 10, itemWidth: 12, itemHeight: 8, textStyle: { color: colours.ink2, fontSize: 11 } },
    xAxis: { type: 'value', ...axis, axisLine: { show: false } },
    yAxis: { type: 'category', inverse: true, data: data.names, ...axis, axisLine: { show: false }, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, color: colours.ink, fontSize: 12 } },
    series: [
      { name: data.words.before, type: 'bar', data: data.before, itemStyle: { color: colours.line2, borderRadius: [0, 2, 2, 0] }, barWidth: 9, barGap: '12%', label: { show: true, position: 'right', color: colours.ink3, fontSize: 11 } },
      { name: data.words.after, type: 'bar', data: data.after.map((value, at) => (data.capacity[at] && value > data.capacity[at] ? { value, itemStyle: { color: '#d9776c' } } : value)), itemStyle: { color: '#6f8fe0', borderRadius: [0, 2, 2, 0] }, barWidth: 9, label: { show: true, position: 'right', color: colours.ink, fontSize: 11 } },
      { name: data.words.capacity, type: 'scatter', symbol: 'rect', symbolSize: [2, 24], itemStyle: { color: colours.ink }, data: data.capacity.map((value, at) => (value ? [value, at] : null)).filter(Boolean) },
    ],
  });

  const place = document.querySelector('[data-what-if]');
  if (!place) return;
  document.addEventListener('paidan:refreshed', () => {
    const now = document.querySelector('[data-what-if-now]');
    if (now && now.dataset.whatIfNow === 'done' && place.dataset.whatIf !== 'done') location.reload();
  });
})();
