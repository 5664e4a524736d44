// The report's bars over time, stacked by what it is cut by; the days beside as a dashed line.
(() => {
  window.paidanCharts = window.paidanCharts || {};
  window.paidanCharts.trend = (data, colours, axis) => ({
    grid: { left: 54, right: 14, top: 34, bottom: 26 },
    legend: { type: 'scroll', top: 6, left: 10, right: 10, itemWidth: 9, itemHeight: 9, itemGap: 9, textStyle: { color: colours.ink2, fontSize: 11 } },
    xAxis: { type: 'category', data: data.labels, ...axis, splitLine: { show: false } },
    yAxis: { type: 'value', minInterval: 1, splitNumber: 4, ...axis, axisLine: { show: false } },
    series: [
      ...data.series.map((one) => ({ name: one.name, type: 'bar', stack: 'all', data: one.data, barWidth: '52%', itemStyle: { color: one.hue, opacity: 0.86 } })),
      ...(data.beside.length ? [{ name: data.words.beside, type: 'line', data: data.beside, showSymbol: false, lineStyle: { color: colours.ink2, width: 1.4, type: [4, 3] }, itemStyle: { color: colours.ink2 } }] : []),
    ],
  });
  window.paidanCharts.curves = (data, colours, axis) => ({
    grid: { left: 54, right: 18, top: 34, bottom: 40 },
    legend: { top: 6, left: 10, itemWidth: 12, itemHeight: 8, textStyle: { color: colours.ink2, fontSize: 11 } },
    xAxis: { type: 'value', min: 0, name: data.words.x, nameLocation: 'middle', nameGap: 24, nameTextStyle: { color: colours.ink3 }, ...axis, splitLine: { show: false } },
    yAxis: { type: 'value', min: 0, max: 1, ...axis, axisLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: (share) => `${Math.round(share * 100)}%` } },
    series: data.series.map((one) => ({ name: one.name, type: 'line', showSymbol: false, data: one.data, lineStyle: { color: one.hue, width: 1.8 }, itemStyle: { color: one.hue } })),
  });
})();
