// A classic script in <head>, so that the remembered theme is set before the first paint.
(() => {
  const KEY = 'taskloom-demo:theme';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => root.dataset.theme ?? (system.matches ? 'dark' : 'light');

  // localStorage throws where storage is blocked; the toggle then works until the page is left.
  function remembered() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }
  function remember(theme) {
    try { localStorage.setItem(KEY, theme); } catch { /* not remembered */ }
  }

  function use(theme) {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  }

  use(remembered());
  addEventListener('storage', ({ key, newValue }) => { // another tab, or the page around a frame
    if (key !== KEY) return;
    use(newValue);
    document.dispatchEvent(new Event('themechange'));
  });

  addEventListener('DOMContentLoaded', () => {
    const toggle = document.getElementById('theme-toggle');
    if (!toggle) return; // a frame follows the page around it
    const label = document.getElementById('theme-toggle-label');
    const describe = () => {
      label.textContent = current() === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme';
    };
    toggle.addEventListener('click', () => {
      root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
      remember(root.dataset.theme);
      document.dispatchEvent(new Event('themechange'));
    });
    system.addEventListener('change', describe);
    document.addEventListener('themechange', describe);
    describe();
  });
})();
