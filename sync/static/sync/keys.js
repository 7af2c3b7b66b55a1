// Keys for whoever has no hand free for the mouse: / searches, j and k go from row to row, x ticks, r retries, ? says so.
// Nothing is done by a key that a link or button of the page does not do; whoever does not want them turns them off.
"use strict";

(() => {
  const help = document.getElementById("keys");
  if (!help) return;
  const used = help.querySelector("[data-keys-used]");
  const unwanted = "keys-unwanted";
  used.checked = localStorage.getItem(unwanted) === null;
  used.addEventListener("change", () => {
    if (used.checked) localStorage.removeItem(unwanted);
    else localStorage.setItem(unwanted, "yes");
  });

  const opener = document.querySelector("[data-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());

  const menu = document.querySelector(".menu");
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  const rows = () => [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("th a, .tick input"));
  const here = () => document.activeElement.closest("main tbody tr");

  function go(by) {
    const all = rows();
    const place = all.indexOf(here());
    const next = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by];
    next?.querySelector("th a, .tick input")?.focus();
  }

  const acts = {
    "/": () => document.getElementById("find").select(),
    "?": () => help.showModal(),
    j: () => go(1),
    k: () => go(-1),
    x: () => here()?.querySelector(".tick input")?.click(),
    r: () => [...document.querySelectorAll('[data-key="r"]')].find((each) => each.offsetParent && !each.disabled)?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!used.checked && event.key !== "?") return;
    if (help.open || event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
  });
})();
