// The map of the warehouse form: a click sets latitude and longitude, typing them moves the mark. An island.
(() => {
  const place = document.querySelector('.se-map');
  const field = (name) => document.getElementById(`id_${name}`);
  const at = () => {
    const [lng, lat] = [field('lng'), field('lat')].map((input) => (input && input.value !== '' ? Number(input.value) : NaN));
    return Number.isFinite(lng) && Number.isFinite(lat) ? [lng, lat] : null;
  };

  window.paidanCharts = window.paidanCharts || {};
  const map = (data, colours) => {
    const here = at();
    const label = { show: true, position: 'right', distance: 3, formatter: '{b}', fontSize: 11, textBorderColor: colours.surface, textBorderWidth: 2 };
    return {
      tooltip: { show: false },
      geo: { map: 'china', roam: false, silent: true, aspectScale: 0.8, layoutCenter: ['50%', '50%'], layoutSize: '98%', itemStyle: { areaColor: colours.land, borderColor: colours.line2, borderWidth: 1 } },
      series: [
        { type: 'scatter', coordinateSystem: 'geo', silent: true, symbol: 'rect', symbolSize: 7, itemStyle: { color: colours.ink3 }, label: { ...label, color: colours.ink3 }, data: data.others.map((one) => ({ name: one.name, value: one.at })), labelLayout: { hideOverlap: true } },
        { type: 'scatter', coordinateSystem: 'geo', silent: true, symbol: 'pin', symbolSize: 26, itemStyle: { color: colours.accent }, label: { ...label, color: colours.ink, fontWeight: 600 }, data: here ? [{ name: data.name, value: here }] : [] },
      ],
    };
  };

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.matches('[data-enter-stays]')) event.preventDefault();
  });
  // A tick brings the tree anew: it stays where it was scrolled to.
  let scrolled = 0;
  document.addEventListener('htmx:beforeSwap', () => { scrolled = document.querySelector('.se-tree')?.scrollTop || 0; });
  document.addEventListener('htmx:afterSwap', (event) => {
    const tree = event.detail.target.id === 'coverage' && document.querySelector('.se-tree');
    if (tree) tree.scrollTop = scrolled;
  });
  if (!place) return;
  fetch(place.dataset.outline).then((answer) => answer.json()).then((outline) => {
    window.echarts.registerMap('china', outline);
    window.paidanCharts.place = map;
    window.paidanDraw();
    const view = window.echarts.getInstanceByDom(place);
    place.dataset.ready = '';
    view.getZr().on('click', (event) => {
      const found = view.convertFromPixel('geo', [event.offsetX, event.offsetY]);
      if (!found || field('lat').disabled || field('lat').closest('fieldset:disabled')) return;
      field('lng').value = found[0].toFixed(5);
      field('lat').value = found[1].toFixed(5);
      window.paidanDraw();
    });
  });
  document.addEventListener('input', (event) => {
    if (['id_lat', 'id_lng'].includes(event.target.id) && window.paidanCharts.place) window.paidanDraw();
  });
})();
