// Says how many rows are ticked, on the buttons that are for them.
"use strict";

for (const form of document.querySelectorAll("form[data-ticks]")) {
  const buttons = [...form.querySelectorAll("[data-ticked-act]")];
  const words = buttons.map((button) => button.textContent);
  const said = form.querySelector("[data-ticked]");
  const update = () => {
    const number = form.querySelectorAll(".tick input:checked").length;
    form.classList.toggle("has-ticks", number > 0);
    if (said) said.textContent = number ? `${number} ticked` : "None ticked";
    buttons.forEach((button, place) => {
      button.textContent = number ? `${words[place]} ${number}` : words[place];
      button.disabled = !number;
    });
  };
  form.addEventListener("change", update);
  form.addEventListener("swapped", update);
  // A browser that comes back to the page has ticked the boxes again.
  window.addEventListener("pageshow", update);
  update();
}
