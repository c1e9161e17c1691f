/* The picture of a question or option in the editor: a chosen file is sent at once, and what is kept of it is
   shown; the draft only holds its name. Must run in Chrome 61. */
(function () {
  "use strict";

  var STORED = /^[0-9a-f]{64}-\d+x\d+\.\w+$/;

  class PictureController extends window.StimulusModule.Controller {
    connect() {
      this.words = this.element.dataset;
      this.name = this.element.querySelector("input[type=hidden]");
      this.look = this.element.querySelector("img");
      this.status = this.element.querySelector("[role=status]");
      this.file = this.element.querySelector("input[type=file]");
      this.button = this.element.querySelector("button");
      if (!this.element.dataset.ready) {
        this.file.addEventListener("change", this.send.bind(this));
        this.button.addEventListener("click", this.remove.bind(this));
        this.element.dataset.ready = "1";
      }
      this.show();
    }

    show() {
      var isStored = STORED.test(this.name.value);
      this.look.hidden = !isStored;
      this.button.hidden = !this.name.value;
      if (isStored) { this.look.src = this.words.look + this.name.value; }
      if (this.name.value && !isStored) { this.status.textContent = this.words.missing + " " + this.name.value; }
    }

    keep(name, words) {
      this.name.value = name;
      this.status.textContent = words;
      this.file.value = "";
      this.show();
      this.name.dispatchEvent(new Event("input", { bubbles: true }));
      this.name.dispatchEvent(new Event("change", { bubbles: true }));
    }

    send(event) {
      var carrier = new FormData();
      event.stopPropagation();
      if (!this.file.files.length) { return; }
      carrier.append("picture", this.file.files[0]);
      carrier.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      this.status.textContent = this.words.sending;
      fetch(this.words.upload, { method: "POST", credentials: "same-origin", body: carrier })
        .then(function (answer) { return answer.json(); })
        .then(this.answered.bind(this), this.failed.bind(this));
    }

    answered(answer) {
      if (answer.name) { this.keep(answer.name, answer.words); } else { this.status.textContent = answer.error; }
    }

    failed() {
      this.status.textContent = this.words.failed;
    }

    remove() {
      this.keep("", "");
      this.file.focus();
    }
  }

  window.wagtail.app.register("questionnaire-picture", PictureController);
})();
