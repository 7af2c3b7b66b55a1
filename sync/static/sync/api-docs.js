"use strict";

// Swagger UI goes by a class, and not by what the system or the user has chosen.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const choose = () => {
  root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
};
dark.addEventListener("change", choose);
choose();

const place = document.getElementById("api-docs");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  // It would ask a server of somebody else's.
  validatorUrl: null,
});
