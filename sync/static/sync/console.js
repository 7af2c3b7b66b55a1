// Keeps the parts of a page that are marked `data-live` as they are on the server: asks for the same address again and
// puts the parts in the place of the old ones. Not while the tab is hidden, nor after somebody has stopped it.
"use strict";

(() => {
  const control = document.querySelector("[data-live-control]");
  if (!control) return;
  const button = control.querySelector("button");
  const said = control.querySelector("[data-live-state]");
  const every = Number(control.dataset.every) * 1000;
  const stopped = "monitor-stopped";
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
      // Whoever is selecting text, or is at work in a form, is not interrupted.
      if (!other || part.innerHTML === other.innerHTML || isInUse(part)) continue;
      keep(part, other);
    }
  }

  function isInUse(part) {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) return true;
    const active = document.activeElement;
    return part.contains(active) && active.matches("input, select, textarea");
  }

  function keep(part, other) {
    const open = [...part.querySelectorAll("details[open][id]")].map((each) => each.id);
    const scrolled = [...part.querySelectorAll(".scroll")].map((each) => [each.scrollLeft, each.scrollTop]);
    const focus = focusable(part).indexOf(document.activeElement);
    const before = part.querySelector("[data-announce]")?.textContent;
    part.className = other.className;
    part.innerHTML = other.innerHTML;
    for (const id of open) part.querySelector(`details#${CSS.escape(id)}`)?.setAttribute("open", "");
    part.querySelectorAll(".scroll").forEach((each, place) => {
      if (scrolled[place]) [each.scrollLeft, each.scrollTop] = scrolled[place];
    });
    if (focus >= 0) focusable(part)[focus]?.focus({ preventScroll: true });
    const after = part.querySelector("[data-announce]")?.textContent;
    if (before !== undefined && after !== before) announce(after);
  }

  function focusable(part) {
    return [...part.querySelectorAll("a[href], button, summary, [tabindex]")];
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
    if (document.hidden) pause();
    else if (!isStopped()) refresh();
  });

  control.hidden = false;
  update();
  schedule();
})();
