"use strict";

const place = document.getElementById("api-docs");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  persistAuthorization: false,
  // It would ask a server of somebody else's.
  validatorUrl: null,
});
