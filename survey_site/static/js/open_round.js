/* The page of an open round: copies link and message, and keeps the count current. Without this file the texts
   can be marked and copied by hand, and a link counts again. Must run in Chrome 61. */
(function () {
  "use strict";

  var EVERY = 10000;

  function copy(button) {
    var field = document.getElementById(button.getAttribute("data-copy"));
    field.focus();
    field.select();
    document.execCommand("copy");
    button.textContent = button.getAttribute("data-done");
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-copy]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { copy(button); });
  });

  var shown = document.querySelector("[data-count]");

  function write(name, number) {
    var place = shown.querySelector("[" + name + "]");
    var text = number.toLocaleString(document.documentElement.lang);
    if (place.textContent !== text) {
      place.textContent = text;
    }
  }

  function count() {
    if (document.hidden) {
      return;
    }
    fetch(shown.getAttribute("data-count"), { credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (counts) {
        write("data-sent", counts.sent);
        write("data-under-way", counts.under_way);
        write("data-flagged", counts.flagged);
      }, function () { /* No connection now; the next turn tries again. */ });
  }

  if (shown && window.fetch) {
    window.setInterval(count, EVERY);
  }
}());
