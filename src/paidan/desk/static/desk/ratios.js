// The ratio drawer, wherever it is opened: sliders that always sum to a hundred.
(() => {
  // The others give way in proportion, so that the ratios always sum to a hundred.
  const balance = (moved) => {
    const others = [...moved.form.querySelectorAll('input[type=range]')].filter((each) => each !== moved);
    const room = 100 - Number(moved.value);
    const total = others.reduce((sum, each) => sum + Number(each.value), 0);
    const exact = others.map((each) => (total ? (Number(each.value) * room) / total : room / others.length));
    const whole = exact.map(Math.floor);
    let rest = room - whole.reduce((sum, each) => sum + each, 0);
    exact.map((each, at) => [each - whole[at], at]).sort((a, b) => b[0] - a[0]).forEach(([, at]) => { if (rest > 0) { whole[at] += 1; rest -= 1; } });
    others.forEach((each, at) => { each.value = whole[at]; });
    [moved, ...others].forEach((each) => { each.parentElement.querySelector('output').textContent = `${each.value}%`; });
  };

  document.addEventListener('input', (event) => {
    if (event.target.matches('[data-ratios] input[type=range]')) balance(event.target);
  });
  document.addEventListener('paidan:ratios', () => {
    document.querySelector('#drawer [data-close-drawer]')?.click();
    document.dispatchEvent(new Event('paidan:refresh'));
  });
})();
