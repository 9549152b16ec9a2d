// Small comforts on top of pages that work without them: keys for lists, copying, printing, filters that apply themselves.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("table[data-keys] > tbody > tr")];
  let at = -1;

  const go = (step) => {
    const all = rows();
    if (!all.length) return;
    all[at]?.classList.remove("here");
    at = Math.min(Math.max(at + step, 0), all.length - 1);
    all[at].classList.add("here");
    all[at].scrollIntoView({ block: "nearest" });
    all[at].querySelector("a")?.focus({ preventScroll: true });
  };

  const keys = {
    "/": () => { const box = document.getElementById("q"); box?.focus(); box?.select(); },
    j: () => go(1),
    k: () => go(-1),
    x: () => { const why = rows()[at]?.querySelector("details"); if (why) why.open = !why.open; },
    e: () => document.querySelector("a[data-export]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-print]");
    if (!button) return;
    if (button.dataset.print !== undefined) return window.print();
    const text = document.getElementById(button.dataset.copy)?.textContent ?? "";
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
    catch { getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); button.textContent = "Selected: press Ctrl+C"; }
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest("form[data-live] select")) event.target.form.requestSubmit();
  });
  document.addEventListener("htmx:afterSwap", () => { at = -1; });

  // A live page hears that something moved and asks for its own part again; not while somebody is at one of its buttons.
  const live = document.querySelector("[data-events]");
  if (live) {
    const heard = new EventSource("/api/v1/events");
    const again = () => {
      const part = document.getElementById(live.id);
      if (!part.contains(document.activeElement)) htmx.ajax("GET", location.href, { target: part, select: "#" + live.id, swap: "outerHTML" });
    };
    for (const name of live.dataset.events.split(" ")) heard.addEventListener(name, again);
    heard.addEventListener("open", again, { once: true });
    addEventListener("pagehide", () => heard.close());
  }

  // Buttons that only work with this file are hidden until it runs.
  for (const button of document.querySelectorAll("[data-copy], [data-print]")) button.hidden = false;
})();
