// High contrast, as the system asks for it or as the person chose it here; kept in the browser.
(() => {
  const key = "undertone-contrast";
  const root = document.documentElement;
  const asked = matchMedia("(prefers-contrast: more)");
  const stored = (() => { try { return localStorage.getItem(key); } catch { return null; } })();
  if (stored) root.dataset.contrast = stored;
  const isOn = () => (root.dataset.contrast || (asked.matches ? "more" : "less")) === "more";
  const show = () => {
    for (const button of document.querySelectorAll("[data-contrast-toggle]")) {
      button.setAttribute("aria-pressed", String(isOn()));
    }
  };
  window.toggleContrast = () => {
    root.dataset.contrast = isOn() ? "less" : "more";
    try { localStorage.setItem(key, root.dataset.contrast); } catch { /* it lasts for this page */ }
    show();
    window.dispatchEvent(new Event("contrast"));
    return isOn();
  };
  document.addEventListener("DOMContentLoaded", () => {
    show();
    for (const button of document.querySelectorAll("[data-contrast-toggle]")) {
      button.addEventListener("click", window.toggleContrast);
    }
  });
})();
