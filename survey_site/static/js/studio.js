/* The recording studio: a text is recorded in the page and put where an uploaded file would be, then saved by
   the same button. Without this file, or without a microphone, files are chosen. Must run in Chrome 61. */
(function () {
  "use strict";

  var KINDS = ["audio/mp4;codecs=mp4a.40.2", "audio/ogg;codecs=opus", "audio/webm;codecs=opus"];
  var BITS_PER_SECOND = 32000;
  var unsaved = 0;
  var current = null;

  function isAble() {
    return window.MediaRecorder && window.DataTransfer && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  }

  function kind() {
    return KINDS.filter(function (each) { return MediaRecorder.isTypeSupported(each); })[0] || "";
  }

  function element(name, parent, text) {
    var made = document.createElement(name);
    made.textContent = text || "";
    parent.appendChild(made);
    return made;
  }

  function Booth(form) {
    this.form = form;
    this.words = form.dataset;
    this.input = form.querySelector("input[type=file]");
    this.buttons = form.querySelector(".studio-buttons");
    this.button = element("button", this.buttons, this.words.record);
    this.button.type = "button";
    this.button.className = "button button-secondary";
    this.button.setAttribute("aria-describedby", this.input.getAttribute("aria-describedby"));
    this.status = element("p", form, "");
    this.status.setAttribute("role", "status");
    this.player = null;
    this.button.addEventListener("click", this.press.bind(this));
    this.input.addEventListener("change", this.forget.bind(this));
    form.addEventListener("submit", function () { unsaved = 0; });
  }

  Booth.prototype.press = function () {
    if (current) {
      var isOwn = current === this;
      current.recorder.stop();
      if (isOwn) { return; }
    }
    navigator.mediaDevices.getUserMedia({ audio: true }).then(this.begin.bind(this), this.denied.bind(this));
  };

  Booth.prototype.begin = function (stream) {
    var booth = this, pieces = [], options = { audioBitsPerSecond: BITS_PER_SECOND };
    if (kind()) { options.mimeType = kind(); }
    this.recorder = new MediaRecorder(stream, options);
    this.recorder.addEventListener("dataavailable", function (event) { pieces.push(event.data); });
    this.recorder.addEventListener("stop", function () {
      stream.getTracks().forEach(function (track) { track.stop(); });
      current = null;
      booth.keep(new Blob(pieces, { type: booth.recorder.mimeType }));
    });
    this.recorder.start();
    current = this;
    this.button.textContent = this.words.stop;
    this.status.textContent = this.words.recording;
  };

  Booth.prototype.keep = function (sound) {
    var carrier = new DataTransfer();
    carrier.items.add(new File([sound], "recording", { type: sound.type }));
    this.input.files = carrier.files;
    this.mark("1");
    unsaved += 1;
    this.player = this.player || element("audio", this.form, "");
    this.player.controls = true;
    this.player.src = URL.createObjectURL(sound);
    this.player.setAttribute("aria-labelledby", this.input.getAttribute("aria-describedby"));
    this.button.textContent = this.words.record;
    this.status.textContent = this.words.ready;
  };

  Booth.prototype.mark = function (value) {
    var field = this.form.querySelector("input[name=is_recorded_here]") || element("input", this.form, "");
    field.type = "hidden";
    field.name = "is_recorded_here";
    field.value = value;
  };

  Booth.prototype.forget = function () {
    this.mark("");
    if (this.player) { this.player.remove(); }
    this.player = null;
    this.status.textContent = "";
  };

  Booth.prototype.denied = function () {
    this.status.textContent = this.words.denied;
  };

  if (isAble()) {
    Array.prototype.forEach.call(document.querySelectorAll("[data-studio]"), function (form) { new Booth(form); });
    window.addEventListener("beforeunload", function (event) {
      if (unsaved) {
        event.preventDefault();
        event.returnValue = "";
      }
    });
  }
})();
