// A file dropped on the field's frame is the field's file; choosing or dropping one sends the form.
(() => {
  const drop = document.querySelector('[data-drop]');
  if (!drop) return;
  const input = drop.querySelector('input[type=file]');
  const send = () => { if (input.files.length) drop.closest('form').requestSubmit(); };
  input.addEventListener('change', send);
  ['dragover', 'dragenter'].forEach((name) => drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  }));
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    input.files = event.dataTransfer.files;
    send();
  });
})();
