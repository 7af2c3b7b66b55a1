// A button beside each statement or name that somebody is going to paste. Without scripts it is selected by hand.
"use strict";

(() => {
  function offer(root) {
    for (const source of root.querySelectorAll("[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button sync-copy";
      button.textContent = "Copy";
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", () => copy(source, button));
      source.after(button);
    }
  }

  async function copy(source, button) {
    try {
      await navigator.clipboard.writeText(source.value ?? (source.dataset.copy || source.textContent));
      button.textContent = "Copied";
    } catch {
      // Without TLS a browser gives no clipboard: what is selected can be copied by hand.
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      button.textContent = "Selected: copy it with the keyboard";
    }
  }

  offer(document);
  // A part of a page that was refreshed begins without its buttons.
  document.addEventListener("swapped", (event) => offer(event.target));
})();
