// Small comforts on top of pages that work without them: the search that answers while one types, keys for lists, times
// in the reader's zone, copying, printing, filters that apply themselves, live parts.
"use strict";
(() => {
  const one = (css, within = document) => within.querySelector(css);
  const all = (css, within = document) => [...within.querySelectorAll(css)];

  // The words of the page's language that this file needs.
  const said = document.body.dataset;
  // The row of places is wider than a phone: the present one is brought into sight.
  const here = one(".rail [aria-current]"), places = here?.closest("nav");
  if (places) places.scrollLeft = here.offsetLeft - (places.clientWidth - here.offsetWidth) / 2;

  // ---- times: the server writes them in UTC unless a zone was chosen, and says so ----
  const local = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const inWords = (moment) => {
    const part = Object.fromEntries(local.formatToParts(moment).map(({ type, value }) => [type, value]));
    return `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute} ${part.timeZoneName}`;
  };
  const times = (within) => {
    if (document.documentElement.dataset.zone) return;
    for (const time of all("time[datetime]", within)) {
      const moment = new Date(time.dateTime);
      if (isNaN(moment)) continue;
      if (time.dataset.form === "minute") { time.title = time.title || time.textContent; time.textContent = inWords(moment); }
      else time.title = inWords(moment);
      delete time.dataset.form;
    }
  };

  // ---- lists: j and k move, e and Enter open, x shows why or chooses ----
  const rows = () => all("table[data-keys] > tbody > tr");
  let at = -1;
  const go = (step) => {
    const list = rows();
    if (!list.length) return;
    list[at]?.classList.remove("here");
    at = Math.min(Math.max(at + step, 0), list.length - 1);
    list[at].classList.add("here");
    list[at].scrollIntoView({ block: "nearest" });
    const link = one("a", list[at]);
    if (link) return link.focus({ preventScroll: true });
    list[at].tabIndex = -1;
    list[at].focus({ preventScroll: true });
  };
  const choose = () => {
    const row = rows()[at];
    if (!row) return;
    const box = one("input[type=checkbox]", row);
    if (box) return box.click();
    const why = one("details", row);
    if (why) why.open = !why.open;
  };

  // ---- the search ----
  const box = one("#find");
  const found = one("#found");
  const options = () => (found ? all("a[role=option]", found) : []);
  const marked = () => options().find((option) => option.getAttribute("aria-selected") === "true");
  const mark = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", other === option ? "true" : "false");
    if (option) { box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else box.removeAttribute("aria-activedescendant");
  };
  const show = (open) => {
    if (!found) return;
    found.hidden = !open;
    box.setAttribute("aria-expanded", String(open));
    if (!open) mark(undefined);
  };
  const move = (step) => {
    const list = options();
    if (!list.length) return;
    const next = list.indexOf(marked()) + step;
    mark(next < 0 ? (step < 0 && next === -2 ? list[list.length - 1] : undefined) : list[next % list.length]);
  };
  box?.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { if (found.hidden) box.blur(); else { show(false); event.preventDefault(); } }
    if (event.key === "Enter" && !found.hidden && marked()) { event.preventDefault(); marked().click(); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (found.hidden && options().length) show(true);
    move(event.key === "ArrowDown" ? 1 : -1);
  });
  box?.addEventListener("focus", () => { if (box.value.trim() && options().length) show(true); });
  document.addEventListener("click", (event) => { if (!event.target.closest(".find")) show(false); });
  one(".find")?.addEventListener("focusout", (event) => { if (event.relatedTarget && !event.relatedTarget.closest(".find")) show(false); });

  // ---- keys ----
  const help = one("#keys");
  const keys = {
    "/": () => { const to = box ?? one("#q"); to?.focus(); to?.select(); },
    j: () => go(1),
    k: () => go(-1),
    e: () => { const row = rows()[at]; if (row) one("a", row)?.click(); },
    x: choose,
    "?": () => help?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    if (event.target.closest("input, select, textarea")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-print], [data-keys-window]");
    if (!button) return;
    if (button.dataset.keysWindow !== undefined) return help?.showModal();
    if (button.dataset.print !== undefined) return window.print();
    const text = document.getElementById(button.dataset.copy)?.textContent ?? "";
    try { await navigator.clipboard.writeText(text); button.textContent = said.copied ?? ""; }
    catch { getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); button.textContent = said.selected ?? ""; }
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest("form[data-live] select")) event.target.form.requestSubmit();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === found) return show(box === document.activeElement && found.childElementCount > 0);
    at = -1;
    times(document);
  });

  // A live page hears that something moved and asks for its own part again; not while somebody is at one of its buttons.
  const live = one("[data-events]");
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

  times(document);
  // Buttons that only work with this file are hidden until it runs.
  for (const button of all("[data-copy], [data-print], [data-keys-window]")) button.hidden = false;
})();
