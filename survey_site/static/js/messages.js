/* Writing a message: the preview follows the typing. Without this file the button beside it does it.
   Must run in Chrome 61; staff on Windows 7 have Chrome 109, the last one made for it. */
(function () {
  "use strict";

  var form = document.getElementById("message-form");
  var preview = document.getElementById("message-preview");
  var pause = 0;
  var asked = 0;

  function show(number, text) {
    if (number === asked) {
      preview.innerHTML = text;
    }
  }

  function ask() {
    var typed = new FormData(form);
    var number = (asked += 1);
    typed.append("only_preview", "1");
    fetch(window.location.href, { method: "POST", body: typed, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(show.bind(null, number))
      .catch(function () { return null; });
  }

  function wait() {
    window.clearTimeout(pause);
    pause = window.setTimeout(ask, 400);
  }

  if (form && preview && window.fetch) {
    form.addEventListener("input", wait);
    form.addEventListener("change", wait);
  }
})();
