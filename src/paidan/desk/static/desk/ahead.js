// What looking ahead would have saved: a bar per day, and a line of all together.
(() => {
  window.paidanCharts = window.paidanCharts || {};
  window.paidanCharts.saved = (data, colours, axis) => ({
    grid: { left: 10, right: 14, top: 34, bottom: 8, containLabel: true },
    legend: { top: 6, left: 10, itemWidth: 12, itemHeight: 8, textStyle: { color: colours.ink2, fontSize: 11 } },
    xAxis: { type: 'category', data: data.days, ...axis, splitLine: { show: false } },
    yAxis: { type: 'value', ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: (yuan) => `${yuan < 0 ? '−' : ''}¥${Math.abs(yuan).toLocaleString()}` } },
    series: [
      { name: data.words.saved, type: 'bar', barMaxWidth: 34, data: data.saved.map((value) => ({ value, itemStyle: { color: value < 0 ? '#d9776c' : '#6f8fe0', borderRadius: value < 0 ? [0, 0, 2, 2] : [2, 2, 0, 0] } })), itemStyle: { color: '#6f8fe0' } },
      { name: data.words.together, type: 'line', showSymbol: false, data: data.together, lineStyle: { color: colours.ink2, width: 1.6 }, itemStyle: { color: colours.ink2 } },
    ],
  });
})();
