// The rule form: conditions are opened and closed, what belongs to a choice is shown with it.
(() => {
  const form = document.querySelector('[data-rule]');
  if (!form) return;
  const row = (name) => form.querySelector(`[data-condition="${name}"]`);
  const offer = (name) => form.querySelector(`[data-add="${name}"]`);
  const tell = () => form.dispatchEvent(new Event('change', { bubbles: true }));

  const open = (name) => {
    row(name).hidden = false;
    offer(name).hidden = true;
    const control = row(name).querySelector('.ts-control input, input:not([type=radio]), select');
    if (control) control.focus();
  };
  const drop = (name) => {
    row(name).hidden = true;
    offer(name).hidden = false;
    row(name).querySelectorAll('select').forEach((select) => { if (select.tomselect) select.tomselect.clear(); else select.value = ''; });
    row(name).querySelectorAll('input').forEach((input) => {
      if (input.type === 'checkbox') input.checked = false;
      else if (input.type === 'radio') input.checked = input.value === 'is';
      else if (!input.closest('.ts-wrapper')) input.value = '';
    });
    offer(name).focus();
    tell();
  };
  const show = () => {
    form.querySelectorAll('[data-shown]').forEach((each) => {
      const [name, values] = each.dataset.shown.split(':');
      const chosen = form.querySelector(`input[name="${name}"]:checked`);
      each.hidden = !chosen || !values.split(',').includes(chosen.value);
    });
  };
  form.addEventListener('click', (event) => {
    const add = event.target.closest('[data-add]');
    const away = event.target.closest('[data-drop]');
    if (add) open(add.dataset.add);
    if (away) drop(away.dataset.drop);
  });
  form.addEventListener('change', show);
  show();
})();
