// A button beside each statement that somebody is going to paste into Snowflake. Without scripts it is selected by hand.
for (const source of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button sync-copy";
  button.textContent = "Copy";
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = "Copied";
    } catch {
      // Without TLS a browser gives no clipboard: what is selected can be copied by hand.
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      button.textContent = "Selected: copy it with the keyboard";
    }
  });
  source.after(button);
}
