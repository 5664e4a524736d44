// The dashboard's two islands: orders per hour, and the flows on China's outline (whole: islands and dashes belong to it).
(() => {
  window.paidanCharts = window.paidanCharts || {};
  const SHIPPED = '#4fae7d';
  const RECEIVED = '#7893d8';

  window.paidanCharts.hours = (data, colours, axis) => {
    const pale = (value, at) => (at === data.hour ? { value, itemStyle: { opacity: 0.45 } } : value);
    return {
      grid: { left: 50, right: 14, top: 30, bottom: 24 },
      legend: { top: 4, right: 10, itemWidth: 12, itemHeight: 8, textStyle: { color: colours.ink2, fontSize: 11 } },
      xAxis: { type: 'category', data: [...Array(24).keys()].map((hour) => `${hour}:00`), ...axis, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, interval: 1 } },
      yAxis: { type: 'value', minInterval: 1, splitNumber: 4, ...axis, axisLine: { show: false } },
      series: [
        { name: data.words.received, type: 'bar', data: data.received.map(pale), itemStyle: { color: RECEIVED, borderRadius: [2, 2, 0, 0] }, barWidth: '36%', barGap: '8%' },
        { name: data.words.shipped, type: 'bar', data: data.shipped.map(pale), itemStyle: { color: SHIPPED, borderRadius: [2, 2, 0, 0] }, barWidth: '36%' },
        { name: data.words.yesterday, type: 'line', data: data.yesterday, showSymbol: false, lineStyle: { color: colours.ink3, width: 1.3, type: [4, 3] }, itemStyle: { color: colours.ink3 } },
      ],
    };
  };

  const flows = (data, colours) => {
    const most = Math.max(1, ...data.flows.map((flow) => flow.number));
    const cities = new Map(data.flows.map((flow) => [flow.to, { name: flow.to, value: flow.line[1], url: flow.url }]));
    return {
      tooltip: { trigger: 'item', backgroundColor: colours.surface, borderColor: colours.line2, textStyle: { color: colours.ink, fontSize: 12 } },
      geo: { map: 'china', roam: false, silent: true, aspectScale: 0.8, layoutCenter: ['50%', '50%'], layoutSize: '98%', itemStyle: { areaColor: colours.land, borderColor: colours.line2, borderWidth: 1 } },
      series: [
        {
          type: 'lines',
          coordinateSystem: 'geo',
          data: data.flows.map((flow) => ({
            coords: flow.line,
            url: flow.url,
            name: `${flow.from} → ${flow.to}: ${flow.number.toLocaleString('en-US')}`,
            lineStyle: { color: flow.hue, width: Math.max(0.8, Math.sqrt(flow.number / most) * 4), opacity: 0.62, curveness: 0.22 },
          })),
          tooltip: { formatter: (point) => point.data.name },
        },
        { type: 'scatter', coordinateSystem: 'geo', symbolSize: 4, itemStyle: { color: colours.ink3 }, data: [...cities.values()], tooltip: { formatter: '{b}' } },
        {
          type: 'scatter',
          coordinateSystem: 'geo',
          symbol: 'rect',
          symbolSize: 9,
          data: data.warehouses.map((one) => ({ name: one.name, value: one.at, itemStyle: { color: one.hue, borderColor: colours.surface, borderWidth: 1.5 } })),
          label: { show: true, position: 'right', distance: 3, formatter: '{b}', color: colours.ink, fontSize: 11, fontWeight: 600, textBorderColor: colours.surface, textBorderWidth: 2 },
          labelLayout: { hideOverlap: true, moveOverlap: 'shiftY' },
          tooltip: { formatter: '{b}' },
        },
      ],
    };
  };

  const place = document.querySelector('[data-outline]');
  if (!place) return;
  fetch(place.dataset.outline).then((answer) => answer.json()).then((outline) => {
    window.echarts.registerMap('china', outline);
    window.paidanCharts.flows = flows;
    window.paidanDraw();
    window.echarts.getInstanceByDom(place).on('click', ({ data }) => { if (data && data.url) location.assign(data.url); });
  });
})();
