// The admin is light or dark as its user chose in the console, else as the system is.
"use strict";

document.documentElement.dataset.theme = document.querySelector("meta[name=theme]").content;
