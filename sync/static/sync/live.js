// Keeps the parts of a page that are marked `data-live` as they are on the server: asks for the same address again and
// puts the parts in the place of the old ones. Not while the tab is hidden, nor after somebody has stopped it.
"use strict";

(() => {
  const control = document.querySelector("[data-live-control]");
  if (!control) return;
  const button = control.querySelector("button");
  const said = control.querySelector("[data-live-state]");
  const every = Number(control.dataset.every) * 1000;
  const stopped = "live-stopped";
  // What the server last sent for each part; other scripts may have added to what stands there.
  const served = new Map([...document.querySelectorAll("[data-live][id]")].map((part) => [part.id, part.innerHTML]));
  let timer = 0;
  let asking = null;

  const isStopped = () => sessionStorage.getItem(stopped) !== null;

  function show(text) {
    if (said.textContent !== text) said.textContent = text;
  }

  function schedule() {
    clearTimeout(timer);
    if (isStopped() || document.hidden) return;
    timer = setTimeout(refresh, every);
  }

  function pause() {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
  }

  async function refresh() {
    const request = new AbortController();
    asking = request;
    const patience = setTimeout(() => request.abort("slow"), 20000);
    try {
      const answer = await fetch(location.href, { signal: request.signal, headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
        location.reload(); // Logged out meanwhile.
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      show(`Refreshed every ${every / 1000} s`);
    } catch (error) {
      if (asking === request) show("The server does not answer; trying again");
    } finally {
      clearTimeout(patience);
      if (asking === request) {
        asking = null;
        schedule();
      }
    }
  }

  function swap(fresh) {
    for (const part of document.querySelectorAll("[data-live][id]")) {
      const other = fresh.getElementById(part.id);
      if (!other || served.get(part.id) === other.innerHTML || isInUse(part, other)) continue;
      served.set(part.id, other.innerHTML);
      keep(part, other);
      part.dispatchEvent(new CustomEvent("swapped", { bubbles: true }));
    }
  }

  // Whoever is selecting text, is at work in a form, or has ticked what is no longer in the list, is not interrupted.
  function isInUse(part, other) {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) return true;
    const active = document.activeElement;
    if (part.contains(active) && active.matches("input:not([type=checkbox]), select, textarea")) return true;
    return ticked(part).some((tick) => !same(other, tick));
  }

  const ticked = (part) => [...part.querySelectorAll("input[type=checkbox]:checked")];
  const same = (part, tick) =>
    [...part.querySelectorAll("input[type=checkbox]")].find((each) => each.name === tick.name && each.value === tick.value);

  function keep(part, other) {
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    const scrolled = [...part.querySelectorAll(".scroll")].map((each) => [each.scrollLeft, each.scrollTop]);
    const ticks = ticked(part);
    const place = focusable(part).indexOf(document.activeElement);
    const name = place >= 0 ? nameOf(document.activeElement) : "";
    const before = part.querySelector("[data-announce]")?.textContent;
    part.className = other.className;
    part.innerHTML = other.innerHTML;
    for (const id of open) part.querySelector(`details#${CSS.escape(id)}`)?.setAttribute("open", "");
    part.querySelectorAll(".scroll").forEach((each, number) => {
      if (scrolled[number]) [each.scrollLeft, each.scrollTop] = scrolled[number];
    });
    for (const tick of ticks) same(part, tick).checked = true;
    if (place >= 0) {
      const there = focusable(part);
      (there.find((each) => name && nameOf(each) === name) ?? there[place])?.focus({ preventScroll: true });
    }
    const after = part.querySelector("[data-announce]")?.textContent;
    if (before !== undefined && after !== before) announce(after);
  }

  function focusable(part) {
    return [...part.querySelectorAll("a[href], button, input, summary, [tabindex]")];
  }

  // What stays the same of a link or box when rows come in above it.
  function nameOf(each) {
    return each.id || each.getAttribute("href") || (each.name && `${each.name}=${each.value}`) || "";
  }

  const announcer = document.createElement("p");
  announcer.className = "hidden";
  announcer.setAttribute("role", "status");
  document.body.append(announcer);

  function announce(text) {
    announcer.textContent = text;
  }

  function update() {
    const is = isStopped();
    button.textContent = is ? "Refresh by itself" : "Stop refreshing";
    button.setAttribute("aria-pressed", String(is));
    show(is ? "Stopped" : `Refreshed every ${every / 1000} s`);
  }

  button.addEventListener("click", () => {
    if (isStopped()) {
      sessionStorage.removeItem(stopped);
      update();
      refresh();
    } else {
      sessionStorage.setItem(stopped, "yes");
      pause();
      update();
    }
  });

  document.addEventListener("visibilitychange", () => {
    if (control.hidden) return;
    if (document.hidden) pause();
    else if (!isStopped()) refresh();
  });

  function begin() {
    control.hidden = false;
    update();
    schedule();
  }

  // Where nothing changes before a form of the page is sent: until the answer comes, the page shows how far it is.
  if ("waits" in control.dataset) document.addEventListener("submit", begin, { once: true });
  else begin();
})();
